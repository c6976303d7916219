/* The commands, one a file.  Each returns the exit status of the program. */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

#include "options.h"

enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1, /* nothing was written, or nothing was committed */
    EXIT_USAGE = 2,
    EXIT_RUNNING = 3, /* another run holds this site or directory */
};

int command_cat(const struct options *options);
int command_fetch(const struct options *options);
int command_check(const struct options *options);

#endif
