/* Starts threads to which no signal is delivered: signals stay with the thread that handles them. */
#ifndef THREADS_START_H
#define THREADS_START_H

#include <pthread.h>
#include <stddef.h>

/* As pthread_create(), with all signals blocked in the new thread. */
int thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

/* Starts a thread for each processor (threads/processors.h), at most MOST.  THREADS has room for these.  Returns how many
 * have started; that may be none. */
size_t threads_start(pthread_t *threads, size_t most, void *(*run)(void *), void *argument);

#endif
