/* recount: counts months of the AWStats history anew, from the counted objects and with the present
 * configuration, and replaces the history files. */
#include <stdio.h>

#include "batch/messages.h"
#include "commands/commands.h"
#include "commands/count_again.h"

/* Prints the sums of all months.  Returns false with the error when a month has an old history file, but no new
 * one.  Then the configuration is probably wrong, and only the old file still has these figures. */
static bool print_months(const struct recount *recount, const struct options *options,
                         struct batch_error *error)
{
    size_t count;
    const struct recount_month *months = recount_get(recount, &count);
    for (size_t i = 0; i < count; i++)
        if (!print_sums(&months[i], error))
            return false;
    for (size_t i = 0; i < count && !options->dry_run; i++)
        if (!months[i].after && months[i].before)
            return batch_error_set(
                error, BATCH_ERROR,
                "[%s]: AWStats counts no record of %s with its present configuration, so no month "
                "was replaced; check SiteDomain and HostAliases, or choose other months",
                options->site.name, months[i].name);
    return true;
}

int command_recount(const struct options *options)
{
    struct batch_error error = {0};
    struct recount_options recount_options;
    struct recount *recount;
    bool done = count_again(&recount, &recount_options, options,
                            "the months cannot be counted again", &error) &&
                print_months(recount, options, &error);
    if (done && options->dry_run)
        puts("nothing was replaced (--dry-run)");
    else if (done && (done = recount_replace(recount)))
        puts("the AWStats history now has the new figures of these months");
    recount_free(recount);
    if (!done)
        return print_batch_error(&options->site, &error);
    batch_error_free(&error);
    return EXIT_DONE;
}
