/* Visits of hosts: AWStats keeps the last one of each open, and tells them apart by time. */
#include "loop/internal.h"

enum loop_reason decide_visit(pTHX_ struct update_loop *loop, struct decision *d)
{
    struct counters *counters = loop->counters;
    struct host *host = d->host;
    d->visit = NO_VISIT;
    if (!(d->url->is & URL_PAGE))
        return LOOP_NATIVE;
    SV *last_sv = counter_if_any(aTHX_ counters, &host->visit, TALLY_VISIT, VISIT_LAST);
    if (!last_sv || !SvTRUE(last_sv)) {
        d->visit = FIRST_VISIT;
        return LOOP_NATIVE;
    }
    UV last, start;
    SV *start_sv = counter_if_any(aTHX_ counters, &host->visit, TALLY_VISIT, VISIT_START);
    if (!counter_time(aTHX_ last_sv, &last) || !counter_time(aTHX_ start_sv, &start))
        return LOOP_ODD_VISIT;
    if (d->time > last + loop->visit_timeout) {
        SV *waiting = counter_if_any(aTHX_ counters, &host->waiting, TALLY_WAITING, WAITING_START);
        d->visit = waiting && SvTRUE(waiting) ? NEXT_VISIT : SECOND_VISIT;
    } else {
        d->visit = d->time > last    ? LATER_IN_VISIT
                   : d->time == last ? AS_LATE
                   : d->time < start ? EARLIER
                                     : WITHIN_VISIT;
    }
    return LOOP_NATIVE;
}

static void set_waiting(pTHX_ struct update_loop *loop, struct host *host, unsigned slot, SV *value)
{
    SV *sv = counter(aTHX_ loop->counters, &host->waiting, TALLY_WAITING, slot);
    sv_setsv(sv, value ? value : &PL_sv_undef);
}

/* The visit before this record is over: its last page is an exit, the record's an entry. */
static void end_visit(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct counters *counters = loop->counters;
    struct item *visit = &d->host->visit;
    SV *last = counter(aTHX_ counters, visit, TALLY_VISIT, VISIT_LAST);
    SV *start = counter(aTHX_ counters, visit, TALLY_VISIT, VISIT_START);
    SV *page = counter_if_any(aTHX_ counters, visit, TALLY_VISIT, VISIT_URL);
    if (page && SvTRUE(page))
        count_one(aTHX_ HeVAL(hv_fetch_ent(counters->hash[TALLY_URL][URL_EXIT], page, 1, 0)));
    count_in(aTHX_ loop, &d->url->item, TALLY_URL, URL_ENTRY);
    count_in(aTHX_ loop, &d->moment->day, TALLY_DAY, DAY_VISITS);
    if (d->visit == SECOND_VISIT) {
        /* How long it was can't be known: an earlier run may have seen its beginning. */
        set_waiting(aTHX_ loop, d->host, WAITING_LAST, last);
        set_waiting(aTHX_ loop, d->host, WAITING_START, start);
        set_waiting(aTHX_ loop, d->host, WAITING_URL, page);
    } else {
        struct name *range = values_session(aTHX_ loop->values, start, last);
        count_in(aTHX_ loop, &range->item, TALLY_SESSION, HITS);
    }
}

static void enter_visit(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct item *waiting = &d->host->waiting;
    SV *start = counter_if_any(aTHX_ loop->counters, waiting, TALLY_WAITING, WAITING_START);
    if (!start || !SvTRUE(start))
        set_waiting(aTHX_ loop, d->host, WAITING_ENTRY, d->url->item.key);
}

static void set_visit(pTHX_ struct update_loop *loop, const struct decision *d, unsigned slot)
{
    SV *sv = counter(aTHX_ loop->counters, &d->host->visit, TALLY_VISIT, slot);
    if (slot == VISIT_URL)
        sv_setsv(sv, d->url->item.key);
    else
        set_time(aTHX_ sv, d->time);
}

void count_visit(pTHX_ struct update_loop *loop, const struct decision *d)
{
    switch (d->visit) {
    case FIRST_VISIT:
        set_waiting(aTHX_ loop, d->host, WAITING_ENTRY, d->url->item.key);
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
