/* collect: ends a plan: its batch is in the history. */
#include "commands/commands.h"
#include "commands/plan_options.h"

int command_collect(const struct options *options)
{
    return plan_task(options, options->work, "--work", shards_collect);
}
