/* Keys from a program that the profile's credential_process names.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
 *
 * The command is split into words as by a shell, with quotes and backslashes, but no shell runs
 * it.  The program has PROCESS_SECONDS_MAX seconds, and may print 1 MiB.  If it takes longer or prints more, or
 * when this process ends before it, it is killed with its process group; a program that has ended by itself may leave
 * others behind. */
#ifndef AWS_PROCESS_H
#define AWS_PROCESS_H

#include "aws/session.h"

/* A build for tests may set this with -D, so that a test does not wait for a minute. */
#ifndef PROCESS_SECONDS_MAX
#define PROCESS_SECONDS_MAX 60
#endif

credentials_fetch process_fetch;

/* Splits COMMAND into words, NULL-terminated, which the caller frees by process_free_words().
 * Returns NULL when a quote is not closed or there is no word. */
char **process_split(const char *command);
void process_free_words(char **words);

#endif
