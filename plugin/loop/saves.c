/* When AWStats saves in the middle of a log: when what was counted takes all the memory that it may.
 *
 * AWStats tests that itself, by the numbers of hosts and pages ("Every 20,000 approved lines after
 * a flush ..."), and saves thousands of times too often.  Its test never comes to pass here, since
 * its counter of records stays at 0; when it is time to save, it gets a record with a counter and a
 * limit with which it does. */
#include "loop/internal.h"

/* What an entry of a hash takes, with its number; what a key takes, which all hashes of a group
 * share; bytes, as measured. */
enum { ENTRY_MEMORY = 64, KEY_MEMORY = 64 };

/* AWStats tests whether to save after so many approved records. */
enum { RECORDS_BETWEEN_TESTS = 20000 };

static size_t keys_of(const HV *hash)
{
    return hash ? HvTOTALKEYS(hash) : 0;
}

static size_t hashes_memory(HV *const *hash, unsigned count)
{
    size_t memory = 0, most = 0;
    for (unsigned i = 0; i < count; i++) {
        size_t keys = keys_of(hash[i]);
        memory += keys * ENTRY_MEMORY;
        most = keys > most ? keys : most;
    }
    return memory + most * KEY_MEMORY;
}

/* Hashes of a hash: error codes' pages. */
static size_t nested_memory(pTHX_ HV *hash)
{
    size_t memory = 0;
    HE *entry;
    hv_iterinit(hash);
    while ((entry = hv_iternext(hash))) {
        SV *below = HeVAL(entry);
        if (SvROK(below) && SvTYPE(SvRV(below)) == SVt_PVHV)
            memory += keys_of((HV *)SvRV(below)) * (ENTRY_MEMORY + KEY_MEMORY);
    }
    return memory;
}

/* Returns about how much memory the counters take, bytes. */
static size_t counters_memory(pTHX_ const struct update_loop *loop)
{
    const struct counters *counters = loop->counters;
    HV *const nested[] = {counters->error_url, counters->error_referer, counters->error_host};
    size_t memory = keys_of(counters->downloads) * 4 * (ENTRY_MEMORY + KEY_MEMORY);
    for (unsigned group = 0; group < GROUPS; group++)
        memory += hashes_memory(counters->hash[group], GROUP_COLUMNS);
    for (unsigned i = 0; i < loop->sections; i++)
        memory += hashes_memory(loop->section[i].hash, GROUP_COLUMNS);
    for (size_t i = 0; i < sizeof nested / sizeof nested[0]; i++)
        memory += nested_memory(aTHX_ nested[i]);
    return memory;
}

/* Whether there are more hosts or pages than -limitflush=N allows: four times N, or N. */
static bool exceeds_limit(const struct update_loop *loop)
{
    const struct counters *counters = loop->counters;
    return keys_of(counters->hash[GROUP_VISIT][VISIT_URL]) / 4 > loop->saves.limit ||
           keys_of(counters->hash[GROUP_URL][PAGES]) > loop->saves.limit;
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

void saves_leave(pTHX_ struct saves *saves)
{
    sv_setuv(saves->awstats_counter, saves->is_due ? RECORDS_BETWEEN_TESTS - 1 : 0);
    if (saves->is_due)
        sv_setsv(saves->awstats_limit, saves->exceeded);
    saves->is_told = saves->is_due;
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
