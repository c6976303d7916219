/* The commands, one a file.  Each returns the exit status of the program. */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

#include "config/options.h"

int command_cat(const struct options *options);
int command_fetch(const struct options *options);
int command_adopt(const struct options *options);
int command_commit(const struct options *options);
int command_status(const struct options *options);
int command_backup(const struct options *options);
int command_restore(const struct options *options);
int command_recount(const struct options *options);
int command_verify(const struct options *options);
int command_explain(const struct options *options);
int command_update(const struct options *options);
int command_awstats(const struct options *options);
int command_check(const struct options *options);
int command_setup(const struct options *options);

#endif
