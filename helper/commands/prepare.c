/* prepare: stores the outcomes of the objects of a plan. */
#include "commands/commands.h"
#include "commands/plan_options.h"
#include "text/message.h"

int command_prepare(const struct options *options)
{
    const struct shards_options shards = plan_options(options);
    if (!options->work) {
        message_error("prepare needs --work; see awstats-cloudfront prepare --help");
        return EXIT_USAGE;
    }
    return shards_prepare(&shards);
}
