/* reduce: counts a shard of a plan. */
#include "commands/commands.h"
#include "commands/plan_options.h"
#include "text/message.h"

int command_reduce(const struct options *options)
{
    const struct shards_options shards = plan_options(options);
    if (!options->work || !options->number_given) {
        message_error("reduce needs --work and --shard; see awstats-cloudfront reduce --help");
        return EXIT_USAGE;
    }
    return shards_reduce(&shards);
}
