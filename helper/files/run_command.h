/* Runs another program, without a shell. */
#ifndef FILES_RUN_COMMAND_H
#define FILES_RUN_COMMAND_H

/* Runs the program WORDS[0], which is searched on PATH, with the NULL-terminated WORDS, and waits
 * for its end. IN, OUT and ERROR become its standard input, output and error; IN below 0:
 * /dev/null.  Returns the exit status, or 128 and the number of the signal that ended the program;
 * -1 with errno set if it cannot run. */
int run_command(char *const *words, int in, int out, int error);

#endif
