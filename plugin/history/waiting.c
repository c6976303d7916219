/* The first visits of this run's hosts.  A host waits from its first record in this run until its line of the old
 * file is read, which shows whether its visit continues one in the file.  Each function names the place of
 * awstats.pl's Read_History_With_TmpUpdate that it mirrors, by the comment there. */
#include "awstats/scalar.h"
#include "history/internal.h"

/* Adds 1 to AWStats' number of a key, since AWStats may write the number next. */
static void count(pTHX_ struct history *history, const struct counter_key *key,
                  enum hash_group group, unsigned column)
{
    const struct counter_variables *numbers = &history->loop->of_counters;
    scalar_add(aTHX_ counters_variable(aTHX_ numbers, key, group, column), 1);
}

/* $DayVisits{day}++ */
static void count_visit(pTHX_ struct history *history, UV time)
{
    enum { TIME_OF_DAY = 1000000 };
    const UV number = time / TIME_OF_DAY;
    if (number != history->day_number) {
        char text[24];
        const int size = snprintf(text, sizeof text, "%" UVuf, number);
        counters_key_free(aTHX_ history->day);
        history->day = counters_key_new(aTHX_ text, (size_t)size);
        history->day_number = number;
    }
    count(aTHX_ history, &history->day, GROUP_DAY, DAY_VISITS);
}

void history_count_session(pTHX_ struct history *history, UV start, UV last)
{
    struct counted_name *range = values_session(aTHX_ history->loop->lane->values, start, last);
    count(aTHX_ history, &range->counter, GROUP_SESSION, HITS);
}

/* The first visit of a waiting host. */
static UV first_start(const struct row *host)
{
    return host->column[HOST_WAITING_START] ? host->column[HOST_WAITING_START]
                                            : host->column[HOST_START];
}
static UV first_last(const struct row *host)
{
    return host->column[HOST_WAITING_LAST] ? host->column[HOST_WAITING_LAST]
                                           : host->column[ROW_LAST];
}

/* Counts a first visit as a new visit.  If another visit followed, the first one has ended. */
static void count_first_visit(pTHX_ struct history *history, const struct row *host)
{
    struct row *entry = row_pointer(host, HOST_ENTRY);
    entry->column[PAGE_ENTRIES]++;
    count_visit(aTHX_ history, first_start(host));
    if (host->column[HOST_WAITING_START])
        history_count_session(aTHX_ history, first_start(host), first_last(host));
}

static void wait_no_more(struct row *host)
{
    row_set_pointer(host, HOST_ENTRY, NULL);
    host->column[HOST_WAITING_START] = host->column[HOST_WAITING_LAST] = 0;
}

/* Mirrors MinimumButNoZero. */
static UV minimum_but_no_zero(UV a, UV b)
{
    return a && (a < b || !b) ? a : b;
}

/* "Process data saved in 'wait' arrays" */
bool history_join_visits(pTHX_ struct history *history, struct row *host, UV last, UV start,
                         struct row *page)
{
    const UV new_start = first_start(host), new_last = first_last(host);
    if (!is_awstats_time(new_start) || !is_awstats_time(new_last))
        return false;
    if (new_start > last + history->loop->rules.visit_timeout) {
        if (page)
            page->column[PAGE_EXITS]++;
        if (start && last)
            history_count_session(aTHX_ history, start, last);
        count_first_visit(aTHX_ history, host);
    } else if (host->column[HOST_WAITING_START]) {
        history_count_session(aTHX_ history, minimum_but_no_zero(start, new_start),
                              last > new_last ? last : new_last);
    } else {
        if (last > new_last) {
            host->column[ROW_LAST] = last;
            row_set_pointer(host, HOST_PAGE, page);
        }
        if (start < new_start)
            host->column[HOST_START] = start;
    }
    wait_no_more(host);
    return true;
}

/* "Process rest of data saved in 'wait' arrays" */
void history_end_waiting(pTHX_ struct history *history)
{
    const struct rows *hosts = &history->loop->lane->tables.of[TABLE_HOSTS];
    for (uint32_t i = 0; i < hosts->count; i++) {
        struct row *host = rows_at(hosts, i);
        if (!row_pointer(host, HOST_ENTRY))
            continue;
        count_first_visit(aTHX_ history, host);
        wait_no_more(host);
    }
}
