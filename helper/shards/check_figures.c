#include "shards/check_figures.h"

#include <stdlib.h>
#include <time.h>

#include "text/by_number.h"
#include "text/number.h"
#include "text/time.h"

/* Adds a time YYYYMMDDhhmmss. */
static void add_time(struct buffer *text, uint64_t time)
{
    unsigned long long date = time / 1000000, clock = time % 1000000;
    buffer_printf(text, "%04llu-%02llu-%02llu %02llu:%02llu:%02llu", date / 10000, date / 100 % 100,
                  date % 100, clock / 10000, clock / 100 % 100, clock % 100);
}

static bool fail_clock(struct task *task, const struct figures_sum *sum)
{
    const struct figures *figures = &sum->figures;
    struct buffer records = {0};
    number_add(&records, figures->later);
    buffer_add_text(&records, " of ");
    number_add(&records, figures->number[FIGURE_RECORDS]);
    buffer_printf(&records, " %s %s later, the last of ",
                  by_number(figures->number[FIGURE_RECORDS], "record", "records"),
                  by_number(figures->later, "is", "are"));
    add_time(&records, figures->newest);
    task_fail_to_abandon(
        task,
        "The clock of a machine that ran reduce is behind, probably with --shard=%u: %s UTC; "
        "AWStats would leave out those more than a day ahead: set the clock; or, if the clock is "
        "right, move the logs that have these records out of the source (the name of a log of "
        "CloudFront has its hour); then give the plan up, and plan again: ",
        sum->behind, records.data);
    buffer_free(&records);
    return false;
}

static bool fail_none_counted(struct task *task, const struct figures_sum *sum)
{
    const uint64_t *number = sum->figures.number;
    struct buffer reasons = {0};
    figures_sum_add_reasons(&reasons, sum);
    const char *what_to_do =
        number[FIGURE_HOST]
            ? "add hosts of yours to HostAliases, then give the plan up, and plan again"
        : number[FIGURE_FUTURE]
            ? "check the dates of the log, then give the plan up, and plan again"
            : "give the plan up, then run update, whose message says how to leave these records "
              "out for good";
    task_fail_to_abandon(task, "AWStats counts none of these records: %s; %s: ", reasons.data,
                         what_to_do);
    buffer_free(&reasons);
    return false;
}

/* Whether a shard has left out, as later than its clock, records that are not later than the clock of another shard or
 * of this machine.  Clocks of several machines may differ, so the figures of the sum may not tell. */
static bool is_clock_behind_others(const struct figures_sum *sum)
{
    char text[TIME_TEXT_SIZE];
    time_format(text, "%04Y%m%d%H%M%S", time(NULL));
    uint64_t now = strtoull(text, NULL, 10), clock = sum->figures.clock;
    return sum->earliest && sum->earliest <= (now > clock ? now : clock);
}

bool check_figures(struct task *task, const struct figures_sum *sum)
{
    if (figures_clock_is_behind(&sum->figures) || is_clock_behind_others(sum))
        return fail_clock(task, sum);
    return !figures_are_none_counted(&sum->figures) || fail_none_counted(task, sum);
}
