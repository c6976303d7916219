/* Starts threads that block all signals: signals go to the thread that handles them. */
#ifndef THREADS_START_H
#define THREADS_START_H

#include <pthread.h>
#include <stddef.h>

/* Starts a thread, and returns the result of pthread_create(): 0, or an errno (threads/error.h). */
int thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

/* Starts a thread for each processor (threads/processors.h), at most MOST, for which THREADS has
 * room.  Returns how many threads have started, which may be none. */
size_t threads_start(pthread_t *threads, size_t most, void *(*run)(void *), void *argument);

#endif
