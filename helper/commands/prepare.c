/* prepare: stores the outcomes of the objects of a plan. */
#include "commands/commands.h"
#include "commands/plan_options.h"

int command_prepare(const struct options *options)
{
    return plan_task(options, options->work, "--work", shards_prepare);
}
