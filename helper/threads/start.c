#include "threads/start.h"

#include <signal.h>

#include "threads/processors.h"

int thread_start(pthread_t *thread, void *(*run)(void *), void *argument)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int number = pthread_create(thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return number;
}

size_t threads_start(pthread_t *threads, size_t most, void *(*run)(void *), void *argument)
{
    const size_t processors = processors_count(), count = processors < most ? processors : most;
    size_t started = 0;
    while (started < count && !thread_start(&threads[started], run, argument))
        started++;
    return started;
}
