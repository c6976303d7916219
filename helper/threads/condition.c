#include "threads/condition.h"

enum { NS_IN_MS = 1000000, NS_IN_S = 1000000000 };

void condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

struct timespec condition_later(struct timespec time, int64_t milliseconds)
{
    time.tv_nsec += milliseconds % 1000 * NS_IN_MS;
    time.tv_sec += milliseconds / 1000 + time.tv_nsec / NS_IN_S;
    time.tv_nsec %= NS_IN_S;
    return time;
}

struct timespec condition_deadline(int64_t milliseconds)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return condition_later(now, milliseconds);
}
