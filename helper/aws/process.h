/* Fetches keys from the program that the profile's credential_process names.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
 *
 * This module splits the command into words as a shell does, with quotes and backslashes, but runs
 * no shell. The program has PROCESS_SECONDS_MAX seconds, and may print 1 MiB.  If it takes longer
 * or prints more, or if this process ends first, the program and its process group are killed.  A
 * program that ends by itself may leave other processes behind. */
#ifndef AWS_PROCESS_H
#define AWS_PROCESS_H

#include "aws/session.h"

/* A build for tests may set this with -D, so that a test does not wait for a minute. */
#ifndef PROCESS_SECONDS_MAX
#define PROCESS_SECONDS_MAX 60
#endif

credentials_fetch process_fetch;

/* Splits COMMAND into a NULL-terminated list of words, which the caller frees by
 * process_free_words(). Returns NULL when a quote is not closed or there is no word. */
char **process_split(const char *command);
void process_free_words(char **words);

#endif
