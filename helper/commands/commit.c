/* commit: notes that the open batch of a site was counted, and which one the history has. */
#include "batch/batch.h"
#include "commands/commands.h"
#include "ledger/ledger.h"
#include "text/message.h"

_Static_assert((int)OPTIONS_ID_SIZE == (int)LEDGER_ID_SIZE, "an ID has room in a ledger");

int command_commit(const struct options *options)
{
    if (!options->site_given || (!options->batch && !options->previous)) {
        message_error("commit: needs --site NAME, and --batch ID or --previous ID; see "
                      "awstats-cloudfront commit --help");
        return EXIT_USAGE;
    }
    struct batch_options batch_options = {.transfers = options->transfers, .wait = options->wait};
    const char *previous = options->previous ? options->previous : "";
    switch (options->batch
                ? batch_commit_by_id(&options->site, options->batch, previous, &batch_options)
                : batch_set_previous(&options->site, previous, &batch_options)) {
    case BATCH_DONE:
        return EXIT_DONE;
    case BATCH_HELD:
        return EXIT_RUNNING;
    default:
        return EXIT_FAILED;
    }
}
