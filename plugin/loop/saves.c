/* Decides when AWStats saves in the middle of a log: when the counters take all the memory that they may.
 *
 * AWStats has a test of its own, by the numbers of hosts and pages ("Every 20,000 approved lines after a flush
 * ..."), which would save thousands of times too often.  This file keeps AWStats' counter of records at 0, so the
 * test never runs.  When it is time to save, awstats.pl gets a record with a counter and a limit that make the
 * test succeed. */
#include "loop/internal.h"
#include "loop/threads.h"

/* The approved records after which AWStats runs its test. */
enum { RECORDS_BETWEEN_TESTS = 20000 };

/* Returns the approximate memory, bytes, of the counters and of all other data that AWStats empties when it saves. */
static size_t counters_memory(pTHX_ struct update_loop *loop)
{
    size_t memory = exchange_memory(aTHX_ loop->exchange) +
                    values_memory_of_awstats(aTHX_ loop->lane[0].values);
    if (loop_is_busy(loop))
        return memory + threads_memory(loop->threads);
    for (unsigned i = 0; i < loop->lanes; i++)
        memory += tables_memory(&loop->lane[i].tables);
    return memory;
}

/* Whether there are more hosts or pages than -limitflush=N allows: 4 N hosts, N pages. */
static bool exceeds_limit(const struct update_loop *loop)
{
    const struct rows *tables = loop->lane[0].tables.of;
    return tables[TABLE_HOSTS].count / 4 > loop->saves.limit ||
           tables[TABLE_PAGES].count > loop->saves.limit;
}

void saves_init(pTHX_ struct saves *saves, HV *settings)
{
    saves->memory = settings_number(aTHX_ settings, "memory");
    saves->has_limit = settings_get(aTHX_ settings, "limit") != NULL;
    saves->limit = settings_number(aTHX_ settings, "limit");
    saves->awstats_counter = SvREFCNT_inc(settings_referent(aTHX_ settings, "since_flush"));
    saves->awstats_limit = SvREFCNT_inc(settings_referent(aTHX_ settings, "flush_limit"));
    saves->exceeded = newSVsv(settings_get(aTHX_ settings, "exceeded"));
    saves->not_exceeded = newSVsv(saves->awstats_limit);
}

void saves_free(pTHX_ struct saves *saves)
{
    SvREFCNT_dec(saves->awstats_counter);
    SvREFCNT_dec(saves->awstats_limit);
    SvREFCNT_dec(saves->exceeded);
    SvREFCNT_dec(saves->not_exceeded);
}

void saves_enter(pTHX_ struct saves *saves)
{
    if (saves->is_told)
        sv_setsv(saves->awstats_limit, saves->not_exceeded);
    saves->is_told = false;
}

void saves_leave(pTHX_ struct saves *saves, bool may_save)
{
    saves->is_told = saves->is_due && may_save;
    sv_setuv(saves->awstats_counter, saves->is_told ? RECORDS_BETWEEN_TESTS - 1 : 0);
    if (saves->is_told)
        sv_setsv(saves->awstats_limit, saves->exceeded);
}

void saves_done(struct saves *saves)
{
    saves->is_due = false;
    saves->records = 0;
}

bool saves_are_between(pTHX_ const struct saves *saves)
{
    return saves->is_told && SvUV(saves->awstats_counter) >= RECORDS_BETWEEN_TESTS;
}

void saves_check_memory(pTHX_ struct update_loop *loop)
{
    if (counters_memory(aTHX_ loop) > loop->saves.memory)
        loop->saves.is_due = true;
}

void saves_count(struct update_loop *loop)
{
    struct saves *saves = &loop->saves;
    if (!saves->has_limit || ++saves->records < RECORDS_BETWEEN_TESTS)
        return;
    saves->records = 0;
    saves->is_due = saves->is_due || exceeds_limit(loop);
}
