/* collect: ends a plan: its batch is in the history. */
#include "commands/commands.h"
#include "commands/plan_options.h"
#include "text/message.h"

int command_collect(const struct options *options)
{
    const struct shards_options shards = plan_options(options);
    if (!options->work) {
        message_error("collect needs --work; see awstats-cloudfront collect --help");
        return EXIT_USAGE;
    }
    return shards_collect(&shards);
}
