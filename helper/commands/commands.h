/* The commands of config/commands.def, one a file: command_cat() and so on.  Each returns the exit
 * status of the program. */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

#include "config/options.h"

#define COMMAND(name, synopsis, help, flags) int command_##name(const struct options *options);
#include "config/commands.def"
#undef COMMAND

#endif
