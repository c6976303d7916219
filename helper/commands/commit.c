/* commit: stores in the ledger that AWStats has counted the site's open batch, or which batch is the last in the
 * AWStats history. */
#include "batch/batch.h"
#include "batch/messages.h"
#include "commands/commands.h"
#include "text/message.h"

int command_commit(const struct options *options)
{
    if (!options->batch && !options->previous) {
        message_error(
            "commit: needs --batch ID or --previous ID; the error message of an AWStats update has "
            "the whole command with the ID; see awstats-cloudfront commit --help");
        return EXIT_USAGE;
    }
    const struct site *site = &options->site;
    struct batch_options batch_options = {.transfers = options->transfers, .wait = options->wait};
    struct batch_error error = {0};
    struct batch_history history = {.name = options->history,
                                    .previous = options->previous ? options->previous : "",
                                    .files = options->files,
                                    .figures = options->figures};
    bool done = options->batch
                    ? batch_commit_by_id(site, options->batch, &history, &batch_options, &error)
                    : batch_set_previous(site, history.previous, &batch_options, &error);
    if (!done)
        return print_batch_error(site, &error);
    batch_error_free(&error);
    return EXIT_DONE;
}
