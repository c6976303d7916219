/* The options of the commands that count by a plan. */
#ifndef COMMANDS_PLAN_OPTIONS_H
#define COMMANDS_PLAN_OPTIONS_H

#include "shards/shards.h"

struct shards_options plan_options(const struct options *options);

/* Runs the TASK of a command that needs the options NEEDS; without HAS_ALL of them, says so.  Returns the exit
 * status. */
int plan_task(const struct options *options, bool has_all, const char *needs,
              int (*task)(const struct shards_options *options));

#endif
