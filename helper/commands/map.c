/* map: reads one part of a plan's objects. */
#include "commands/commands.h"
#include "commands/plan_options.h"

int command_map(const struct options *options)
{
    return plan_task(options, options->work && options->number_given, "--work and --part",
                     shards_map);
}
