/* check: a source of files. */
#ifndef COMMANDS_CHECK_PATH_H
#define COMMANDS_CHECK_PATH_H

#include "commands/check_step.h"

/* Tries the source PATH, a directory, a file or "-": that its files can be read, and what the
 * newest ones hold. */
void check_path(struct check *check, const char *path, const struct site *site);

#endif
