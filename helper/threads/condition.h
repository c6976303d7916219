/* Conditions whose waits end at a time, by a clock that nobody sets. */
#ifndef THREADS_CONDITION_H
#define THREADS_CONDITION_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* Makes a condition, for pthread_cond_timedwait() with the times below. */
void condition_init(pthread_cond_t *condition);

/* Returns the time that is so many milliseconds from now, or from a time. */
struct timespec condition_deadline(int64_t milliseconds);
struct timespec condition_later(struct timespec time, int64_t milliseconds);

#endif
