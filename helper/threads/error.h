/* Why a thread cannot be started. */
#ifndef THREADS_ERROR_H
#define THREADS_ERROR_H

/* Returns the error text for a result of pthread_create(): a limit on threads is not a lack of
 * memory. */
const char *thread_error(int number);

#endif
