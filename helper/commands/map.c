/* map: reads a part of a plan. */
#include "commands/commands.h"
#include "commands/plan_options.h"
#include "text/message.h"

int command_map(const struct options *options)
{
    const struct shards_options shards = plan_options(options);
    if (!options->work || !options->number_given) {
        message_error("map needs --work and --part; see awstats-cloudfront map --help");
        return EXIT_USAGE;
    }
    return shards_map(&shards);
}
