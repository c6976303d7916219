/* adopt: accepts the new name of a site, or of the AWStats history that counts the site. */
#include "batch/batch.h"
#include "batch/messages.h"
#include "commands/commands.h"
#include "text/message.h"

int command_adopt(const struct options *options)
{
    const struct site *site = &options->site;
    struct batch_options batch_options = {.transfers = options->transfers, .wait = options->wait};
    struct batch_error error = {0};
    if (!options->former && !options->history) {
        message_error("adopt: name with --former OLDNAME the former name of the site, or with "
                      "--history NAME the AWStats history that counts the site now; see "
                      "awstats-cloudfront adopt --help");
        return EXIT_USAGE;
    }
    bool done =
        (!options->former || batch_adopt_site(site, options->former, &batch_options, &error)) &&
        (!options->history || batch_adopt_history(site, options->history, &batch_options, &error));
    if (!done)
        return print_batch_error(site, &error);
    batch_error_free(&error);
    return EXIT_DONE;
}
