/* plan: takes the new logs of a site, and divides them into parts and shards, which many tasks read and count. */
#include "commands/commands.h"
#include "commands/plan_options.h"
#include "text/message.h"

int command_plan(const struct options *options)
{
    const struct shards_options shards = plan_options(options);
    if (options->abandon && (options->work || options->shards || options->parts)) {
        message_error("plan: --abandon goes with --site alone");
        return EXIT_USAGE;
    }
    if (!options->abandon && !options->work) {
        message_error("plan needs --work, the folder or the place in a bucket that it makes; see "
                      "awstats-cloudfront plan --help");
        return EXIT_USAGE;
    }
    return options->abandon ? shards_abandon(&shards) : shards_plan(&shards);
}
