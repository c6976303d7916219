/* recount: counts months of the AWStats history anew, from the counted objects and with the present
 * configuration, and replaces the history files. */
#include <inttypes.h>
#include <stdio.h>

#include "batch/messages.h"
#include "commands/commands.h"
#include "commands/count_again.h"
#include "recount/loss.h"
#include "text/message.h"

/* Returns whether the history loses no hits, or may lose them (--allow-lower); stores the error if not. */
static bool may_replace(const struct recount_month *months, size_t count,
                        const struct options *options, struct batch_error *error)
{
    struct recount_loss loss;
    if (options->allow_lower || !recount_find_loss(months, count, &loss))
        return true;
    return batch_error_set(
        error, BATCH_ERROR,
        "[%s]: the AWStats history has %" PRIu64 " hits of %s, and the counted logs have %" PRIu64
        ", so no month was replaced: a recount would lose what another program, or this one from "
        "other logs, has counted into this history; if the time zone has changed, count all months "
        "at once; if the other hits are to go, for example because the configuration leaves them "
        "out now, or because logs were counted twice, add --allow-lower",
        options->site.name, loss.before, loss.span, loss.after);
}

/* Prints the sums of all months.  Returns false with the error when a month has an old history file, but no new
 * one, or fewer hits in the new one.  Then the configuration is probably wrong, and only the old file still has these
 * figures. */
static bool print_months(const struct recount *recount, const struct options *options,
                         struct batch_error *error)
{
    size_t count;
    const struct recount_month *months = recount_get(recount, &count);
    for (size_t i = 0; i < count; i++)
        print_sums(&months[i]);
    for (size_t i = 0; i < count && !options->dry_run; i++)
        if (!months[i].after && months[i].before)
            return batch_error_set(
                error, BATCH_ERROR,
                "[%s]: AWStats counts no record of %s with its present configuration, so no month "
                "was replaced; check SiteDomain and HostAliases, or choose other months",
                options->site.name, months[i].name);
    bool may = may_replace(months, count, options, error);
    if (!may && options->dry_run)
        message_warning("%s", error->text.data);
    return may || options->dry_run;
}

static void print_replaced(const struct recount *recount)
{
    puts("the AWStats history now has the new figures of these months");
    const char *kept = recount_kept(recount);
    if (kept)
        printf("the old history files are still there, with %s at the end of their names; remove "
               "these when all is well\n",
               kept);
}

int command_recount(const struct options *options)
{
    struct batch_error error = {0};
    struct recount_options recount_options;
    struct recount *recount;
    bool done = count_again(&recount, &recount_options, options,
                            "the months cannot be counted again", "--allow-lower", &error) &&
                print_months(recount, options, &error);
    if (done && options->dry_run)
        puts("nothing was replaced (--dry-run)");
    else if (done && (done = recount_replace(recount)))
        print_replaced(recount);
    recount_free(recount);
    if (!done)
        return print_batch_error(&options->site, &error);
    batch_error_free(&error);
    return EXIT_DONE;
}
