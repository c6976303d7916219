/* Runs another program, without a shell. */
#ifndef FILES_RUN_COMMAND_H
#define FILES_RUN_COMMAND_H

/* Runs WORDS, NULL-terminated; the first is the program, found on PATH.  IN, OUT and ERROR become its standard
 * input, output and error; IN below 0: /dev/null.  Waits for the end of the program.  Returns its exit status,
 * 128 and the signal that ended it, or -1 with errno set. */
int run_command(char *const *words, int in, int out, int error);

#endif
