/* commit: notes that the open batch of a site was counted. */
#include "batch/batch.h"
#include "commands/commands.h"
#include "text/message.h"

int command_commit(const struct options *options)
{
    if (!options->site_given || !options->batch) {
        message_error("commit: needs --site NAME and --batch ID; see awstats-cloudfront commit "
                      "--help");
        return EXIT_USAGE;
    }
    struct batch_options batch_options = {.transfers = options->transfers, .wait = options->wait};
    switch (batch_commit_by_id(&options->site, options->batch, &batch_options)) {
    case BATCH_DONE:
        return EXIT_DONE;
    case BATCH_HELD:
        return EXIT_RUNNING;
    default:
        return EXIT_FAILED;
    }
}
