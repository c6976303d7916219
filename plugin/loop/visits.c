/* Visits of hosts: AWStats keeps the last visit of each host open, and tells visits apart by time.
 * All of this mirrors "Analyze: Host, URL entry+exit and Session" in awstats.pl's update loop. */
#include "awstats/scalar.h"
#include "loop/internal.h"

enum loop_reason visits_decide(pTHX_ struct lane *lane, struct decision *d)
{
    d->visit = NO_VISIT;
    if (!(d->url->is & URL_PAGE))
        return LOOP_NATIVE;
    const struct entry *entry = &d->host->class.entry;
    const struct row_place *place = &d->host->row;
    const struct row *host =
        place->generation == lane->tables.generation
            ? place->row
            : rows_find(&lane->tables.of[TABLE_HOSTS], entry->key, entry->size);
    const UV last = host ? host->column[ROW_LAST] : 0, start = last ? host->column[HOST_START] : 0;
    if (!last) {
        d->visit = FIRST_VISIT;
        return LOOP_NATIVE;
    }
    if (!is_awstats_time(last) || !is_awstats_time(start))
        return DELEGATE_VISIT;
    if (d->time > last + lane->rules->visit_timeout)
        d->visit = host->column[HOST_WAITING_START] ? NEXT_VISIT : SECOND_VISIT;
    else
        d->visit = d->time > last    ? LATER_IN_VISIT
                   : d->time == last ? AS_LATE
                   : d->time < start ? EARLIER
                                     : WITHIN_VISIT;
    if (d->visit == NEXT_VISIT)
        d->session = values_session(aTHX_ lane->values, start, last);
    return d->visit == NEXT_VISIT && !d->session ? LOOP_ASKS : LOOP_NATIVE;
}

/* Ends the visit before this record: its last page is an exit page, the record's an entry page. */
static void end_visit(struct lane *lane, const struct decision *d, struct row *host,
                      struct row *page)
{
    const UV last = host->column[ROW_LAST], start = host->column[HOST_START];
    struct row *exit = host_page(host, HOST_PAGE);
    if (exit)
        exit->column[PAGE_EXITS]++;
    page->column[PAGE_ENTRIES]++;
    counters_add(&lane->counters, &d->moment->day, GROUP_DAY, DAY_VISITS, 1);
    if (d->visit == SECOND_VISIT) {
        /* The visit's length is not known yet, because an earlier update may have counted its start. */
        host->column[HOST_WAITING_LAST] = last;
        host->column[HOST_WAITING_START] = start;
    } else {
        counters_add(&lane->counters, &d->session->counter, GROUP_SESSION, HITS, 1);
    }
}

void visits_count(struct lane *lane, const struct decision *d, struct row *host, struct row *page)
{
    switch (d->visit) {
    case FIRST_VISIT:
        row_set_pointer(host, HOST_ENTRY, page);
        break;
    case SECOND_VISIT:
    case NEXT_VISIT:
        end_visit(lane, d, host, page);
        break;
    case EARLIER:
        /* The first visit began earlier than the records before have shown. */
        if (!host->column[HOST_WAITING_START])
            row_set_pointer(host, HOST_ENTRY, page);
        host->column[HOST_START] = d->time;
        return;
    case LATER_IN_VISIT:
        host->column[ROW_LAST] = d->time;
        row_set_pointer(host, HOST_PAGE, page);
        return;
    case AS_LATE:
        row_set_pointer(host, HOST_PAGE, page);
        return;
    case WITHIN_VISIT:
    case NO_VISIT:
        return;
    }
    host->column[HOST_START] = host->column[ROW_LAST] = d->time;
    row_set_pointer(host, HOST_PAGE, page);
}
