/* The options of the commands that count by a plan. */
#ifndef COMMANDS_PLAN_OPTIONS_H
#define COMMANDS_PLAN_OPTIONS_H

#include "shards/shards.h"

struct shards_options plan_options(const struct options *options);

#endif
