/* Starts other programs without the copy of this process that fork() makes: awstats.pl is large
 * when it starts its helpers. */
#ifndef PLUGIN_FEED_PROCESS_H
#define PLUGIN_FEED_PROCESS_H

#include <sys/types.h>

/* Starts the program ARGUMENTS[0], a path or a name on PATH, as execvp() would.  ARGUMENTS end with
 * NULL.  INPUT, OUTPUT and ERRORS become its descriptors 0, 1 and 2.  They may be any descriptors,
 * also 0, 1 and 2 in another order.  Of all others the program gets those that are not
 * close-on-exec. SIGFPE, SIGPIPE and SIGXFSZ have their usual effect on it, even if this process
 * ignores them.  The environment is this process's own.
 *
 * Returns the process's number; 0 when there is no such program, or it can't be run; or -1 when the
 * system has no process to spare.  errno is set with the latter two. */
pid_t process_start(char *const arguments[], int input, int output, int errors);

#endif
