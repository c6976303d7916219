#include "commands/count_again.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "text/message.h"
#include "text/progress.h"

/* Returns whether each month of --month was found; stores an error if not. */
static bool has_all(const struct recount *recount, const struct options *options,
                    struct batch_error *error)
{
    size_t count, found;
    const struct recount_month *months = recount_get(recount, &count);
    for (size_t i = 0; i < options->month_count; i++) {
        char name[32];
        snprintf(name, sizeof name, "%04u-%02u", options->months[i] / 100,
                 options->months[i] % 100);
        for (found = 0; found < count && strcmp(months[found].name, name) != 0;)
            found++;
        if (found == count)
            return batch_error_set(error, BATCH_ERROR,
                                   "[%s]: no counted object has records of %s, and the AWStats "
                                   "history has no such month; choose another --month",
                                   options->site.name, name);
    }
    return count || batch_error_set(error, BATCH_ERROR,
                                    "[%s]: neither the counted objects nor the AWStats history "
                                    "have any month; run the AWStats update first",
                                    options->site.name);
}

bool count_again(struct recount **recount, struct recount_options *recount_options,
                 const struct options *options, const char *why, const char *leave_out_option,
                 struct batch_error *error)
{
    *recount_options = (struct recount_options){
        .site = &options->site,
        .config = options->config,
        .batch = {.transfers = options->transfers, .wait = options->wait},
        .program = options->awstats ? options->awstats : options->site.awstats,
        .awstats_config =
            options->awstats_config ? options->awstats_config : options->site.awstats_config,
        .months = options->months,
        .month_count = options->month_count,
        .why = why,
        .may_leave_out = options->allow_lower,
        .leave_out_option = leave_out_option};
    bool done = recount_count(recount, recount_options, error) && has_all(*recount, options, error);
    progress_end();
    return done;
}

static void print_sum(const char *name, uint64_t before, uint64_t after, const char *end)
{
    if (before == after)
        printf(" %s %" PRIu64 "%s", name, before, end);
    else
        printf(" %s %" PRIu64 " -> %" PRIu64 "%s", name, before, after, end);
}

void print_sums(const struct recount_month *month)
{
    const struct history_sums *before = &month->old, *after = &month->new;
    printf("%s:", month->name);
    print_sum("hits", before->hits, after->hits, ",");
    print_sum("pages", before->pages, after->pages, ",");
    print_sum("bytes", before->bytes, after->bytes, ",");
    print_sum("visits", before->visits, after->visits, "\n");
}
