/* Explains why a thread cannot be started. */
#ifndef THREADS_ERROR_H
#define THREADS_ERROR_H

/* Returns the error text for NUMBER, a result of pthread_create().  EAGAIN can mean a limit on
 * threads. */
const char *thread_error(int number);

#endif
