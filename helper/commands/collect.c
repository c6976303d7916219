/* collect: merges the shards of a plan into the history, commits the batch, and ends the plan. */
#include "commands/commands.h"
#include "commands/plan_options.h"

int command_collect(const struct options *options)
{
    return plan_task(options, options->work, "--work", shards_collect);
}
