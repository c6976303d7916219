/* verify: counts months of the AWStats history anew, and compares every figure with the history. */
#include <inttypes.h>
#include <stdio.h>

#include "batch/messages.h"
#include "commands/commands.h"
#include "commands/count_again.h"
#include "config/site_command.h"
#include "recount/loss.h"
#include "text/by_number.h"

/* The comparison of one month. */
struct verification {
    const struct recount_month *month;
    bool counts_visits; /* --visits */
    uint64_t different; /* figures that differ */
    uint64_t visits;    /* other figures that differ, which depend on the order of records */
};

static void print_difference(void *user, const struct history_difference *difference)
{
    struct verification *verification = user;
    if (difference->is_of_order && !verification->counts_visits) {
        verification->visits++;
        return;
    }
    verification->different++;
    printf("%s: %s %s: %s %s in the history, %s in the source\n", verification->month->name,
           difference->section, difference->key, difference->column, difference->before,
           difference->after);
}

/* Prints which recount replaces the figures of a month that differ.  IS_WHOLE: one of all MONTHS would lose no hits. */
static void print_advice(const struct options *options, const struct recount_month *month,
                         bool is_whole)
{
    struct recount_loss loss;
    struct buffer command = {0};
    bool is_alone = !recount_find_loss(month, 1, &loss);
    site_command_add(&command, &options->site, "recount",
                     "--month=", is_alone ? month->name : NULL);
    if (is_alone)
        printf("to replace them, run: %s\n", command.data);
    else if (is_whole)
        printf("records have moved to other months, so replace all months at once: %s\n",
               command.data);
    else
        printf(
            "the history has %" PRIu64 " hits of %s, and the logs have %" PRIu64
            ": the others were counted before a change of the configuration, by another program, "
            "from other logs, or twice; see awstats-cloudfront help recount, --allow-lower\n",
            loss.before, loss.span, loss.after);
    buffer_free(&command);
}

/* Prints the result of a month.  Returns false with the error when a file cannot be read. */
static bool verify_month(const struct options *options, const struct recount_month *month,
                         bool is_whole, uint64_t *different, struct batch_error *error)
{
    struct verification verification = {.month = month, .counts_visits = options->visits};
    if (!history_compare(month->before, month->after, print_difference, &verification,
                         &error->text))
        return false;
    if (verification.different) {
        printf("%s: %" PRIu64 " %s from the logs; ", month->name, verification.different,
               by_number(verification.different, "figure of the AWStats history differs",
                         "figures of the AWStats history differ"));
        print_advice(options, month, is_whole);
        print_sums(month);
    } else {
        printf("%s: equal\n", month->name);
    }
    if (verification.visits)
        printf(
            "%s: %" PRIu64 " %s, which is no error: visits depend on the "
            "order in which the logs came (--visits shows them)\n",
            month->name, verification.visits,
            by_number(verification.visits, "figure of visits differs", "figures of visits differ"));
    *different += verification.different;
    return true;
}

int command_verify(const struct options *options)
{
    struct batch_error error = {0};
    struct recount_options recount_options;
    struct recount *recount;
    uint64_t different = 0;
    size_t count;
    bool done = count_again(&recount, &recount_options, options, "the months cannot be verified",
                            NULL, &error);
    const struct recount_month *months = done ? recount_get(recount, &count) : NULL;
    struct recount_loss loss;
    bool is_whole = done && count > 1 && !recount_find_loss(months, count, &loss);
    for (size_t i = 0; done && i < count; i++)
        done = verify_month(options, &months[i], is_whole, &different, &error);
    recount_free(recount);
    if (!done)
        return print_batch_error(&options->site, &error);
    batch_error_free(&error);
    return different ? EXIT_DIFFERENT : EXIT_DONE;
}
