/* reduce: counts one shard of a plan. */
#include "commands/commands.h"
#include "commands/plan_options.h"

int command_reduce(const struct options *options)
{
    return plan_task(options, options->work && options->number_given, "--work and --shard",
                     shards_reduce);
}
