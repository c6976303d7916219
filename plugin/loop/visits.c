/* Visits of hosts: AWStats keeps the last visit of each host open, and tells visits apart by time.
 * All of this mirrors "Analyze: Host, URL entry+exit and Session" in awstats.pl's update loop. */
#include "loop/internal.h"

enum loop_reason visits_decide(pTHX_ struct update_loop *loop, struct decision *d)
{
    struct counters *counters = loop->counters;
    struct host *host = d->host;
    d->visit = NO_VISIT;
    if (!(d->url->is & URL_PAGE))
        return LOOP_NATIVE;
    SV *last_sv = counters_number_if_any(aTHX_ counters, &host->visit, GROUP_VISIT, VISIT_LAST);
    if (!last_sv || !SvTRUE(last_sv)) {
        d->visit = FIRST_VISIT;
        return LOOP_NATIVE;
    }
    UV last, start;
    SV *start_sv = counters_number_if_any(aTHX_ counters, &host->visit, GROUP_VISIT, VISIT_START);
    if (!counters_read_time(aTHX_ last_sv, &last) || !counters_read_time(aTHX_ start_sv, &start))
        return DELEGATE_VISIT;
    if (d->time > last + loop->visit_timeout) {
        SV *waiting =
            counters_number_if_any(aTHX_ counters, &host->waiting, GROUP_WAITING, WAITING_START);
        d->visit = waiting && SvTRUE(waiting) ? NEXT_VISIT : SECOND_VISIT;
    } else {
        d->visit = d->time > last    ? LATER_IN_VISIT
                   : d->time == last ? AS_LATE
                   : d->time < start ? EARLIER
                                     : WITHIN_VISIT;
    }
    return LOOP_NATIVE;
}

static void set_waiting(pTHX_ struct update_loop *loop, struct host *host, unsigned column,
                        SV *value)
{
    SV *sv = counters_number(aTHX_ loop->counters, &host->waiting, GROUP_WAITING, column);
    sv_setsv(sv, value ? value : &PL_sv_undef);
}

/* Ends the visit before this record: its last page is an exit page, the record's an entry page. */
static void end_visit(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct counters *counters = loop->counters;
    struct counter_key *visit = &d->host->visit;
    SV *last = counters_number(aTHX_ counters, visit, GROUP_VISIT, VISIT_LAST);
    SV *start = counters_number(aTHX_ counters, visit, GROUP_VISIT, VISIT_START);
    SV *page = counters_number_if_any(aTHX_ counters, visit, GROUP_VISIT, VISIT_URL);
    if (page && SvTRUE(page))
        counters_increment(
            aTHX_ HeVAL(hv_fetch_ent(counters->hash[GROUP_URL][URL_EXIT], page, 1, 0)));
    count_in(aTHX_ loop, &d->url->counter, GROUP_URL, URL_ENTRY);
    count_in(aTHX_ loop, &d->moment->day, GROUP_DAY, DAY_VISITS);
    if (d->visit == SECOND_VISIT) {
        /* Its length is not known yet: an earlier update may have seen its start. */
        set_waiting(aTHX_ loop, d->host, WAITING_LAST, last);
        set_waiting(aTHX_ loop, d->host, WAITING_START, start);
        set_waiting(aTHX_ loop, d->host, WAITING_URL, page);
    } else {
        struct counted_name *range = values_session(aTHX_ loop->values, start, last);
        count_in(aTHX_ loop, &range->counter, GROUP_SESSION, HITS);
    }
}

/* Makes a record's page the entry page of the first visit, which began earlier than was known. */
static void enter_visit(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct counter_key *waiting = &d->host->waiting;
    SV *start = counters_number_if_any(aTHX_ loop->counters, waiting, GROUP_WAITING, WAITING_START);
    if (!start || !SvTRUE(start))
        set_waiting(aTHX_ loop, d->host, WAITING_ENTRY, d->url->counter.key);
}

static void set_visit(pTHX_ struct update_loop *loop, const struct decision *d, unsigned column)
{
    SV *sv = counters_number(aTHX_ loop->counters, &d->host->visit, GROUP_VISIT, column);
    if (column == VISIT_URL)
        sv_setsv(sv, d->url->counter.key);
    else
        set_time(aTHX_ sv, d->time);
}

void visits_count(pTHX_ struct update_loop *loop, const struct decision *d)
{
    switch (d->visit) {
    case FIRST_VISIT:
        set_waiting(aTHX_ loop, d->host, WAITING_ENTRY, d->url->counter.key);
        break;
    case SECOND_VISIT:
    case NEXT_VISIT:
        end_visit(aTHX_ loop, d);
        break;
    case EARLIER:
        enter_visit(aTHX_ loop, d);
        set_visit(aTHX_ loop, d, VISIT_START);
        return;
    case LATER_IN_VISIT:
        set_visit(aTHX_ loop, d, VISIT_LAST);
        set_visit(aTHX_ loop, d, VISIT_URL);
        return;
    case AS_LATE:
        set_visit(aTHX_ loop, d, VISIT_URL);
        return;
    case WITHIN_VISIT:
    case NO_VISIT:
        return;
    }
    set_visit(aTHX_ loop, d, VISIT_START);
    set_visit(aTHX_ loop, d, VISIT_LAST);
    set_visit(aTHX_ loop, d, VISIT_URL);
}
