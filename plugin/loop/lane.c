#include <string.h>

#include "awstats/settings.h"
#include "loop/internal.h"

/* Clear the classes of hosts when they exceed HOSTS_MEMORY bytes, and those of all fields when the others exceed
 * VALUES_MEMORY bytes plus VALUES_MEMORY_BY_ROW bytes for each row of a page or referring page, but at most half
 * as much as the counters may take.  Checked every BYTES_BETWEEN_CHECKS bytes of records. */
enum {
    HOSTS_MEMORY = 6 << 20,
    VALUES_MEMORY = 6 << 20,
    VALUES_MEMORY_BY_ROW = 512,
    BYTES_BETWEEN_CHECKS = 1 << 16,
};

void lane_init(pTHX_ struct lane *lane, const struct variables *variables, HV *settings)
{
    lane->values = values_new(aTHX_ variables, settings);
    lane->agent = SvREFCNT_inc(variables_scalar(variables, AWSTATS_UserAgent));
}

void lane_free(pTHX_ struct lane *lane)
{
    values_free(aTHX_ lane->values);
    SvREFCNT_dec(lane->agent);
    counters_key_free(aTHX_ lane->period_key);
    tables_free(&lane->tables);
    extra_sections_free(lane);
}

/* ---- a record ---- */

/* Mirrors the update loop's body: $NbOfLinesParsed, $NbOfOldLines, $NbOfLinesDropped, "We found a
 * new line" and $NbOfNewLines.  AWStats drops a method before it searches a list. */
enum loop_reason lane_count(pTHX_ struct lane *lane, const struct record *record,
                            struct tally_item *item)
{
    struct decision d;
    if (lane->tables.given_back)
        return DELEGATE_GIVEN_BACK;
    d.record = record;
    enum loop_reason reason = decide_record(aTHX_ lane, &d);
    if (reason)
        return reason;
    lane->native++;
    lane->lines.parsed++;
    if (d.action == PASS_OLD) {
        lane->lines.old++;
        item->figure = FIGURE_OLD;
        return LOOP_NATIVE;
    }
    if (d.vhost->counted && d.time > lane->last_line)
        lane->last_line = d.time;
    if (d.action == DROP) {
        lane->lines.dropped++;
        *item = (struct tally_item){d.left_out, record_field(record, COLUMN_HOST)};
        return LOOP_NATIVE;
    }
    count_record(lane, &d);
    item->figure = FIGURE_COUNTED;
    lane->lines.counted++;
    return LOOP_NATIVE;
}

/* ---- memory ---- */

static size_t memory_allowed(const struct lane *lane, size_t of_counters)
{
    const struct rows *tables = lane->tables.of;
    const size_t rows = (size_t)tables[TABLE_PAGES].count + tables[TABLE_REFERERS].count,
                 by_rows = rows * VALUES_MEMORY_BY_ROW, most = of_counters / 2;
    return VALUES_MEMORY + (by_rows < most ? by_rows : most);
}

bool lane_is_check_due(struct lane *lane, size_t bytes)
{
    lane->since_check += bytes;
    if (lane->since_check <= BYTES_BETWEEN_CHECKS)
        return false;
    lane->since_check = 0;
    if (values_memory_of_hosts(lane->values) > HOSTS_MEMORY)
        values_clear_hosts(lane->values);
    return true;
}

bool lane_must_forget_values(const struct lane *lane, size_t memory)
{
    return values_memory(lane->values) > memory_allowed(lane, memory);
}

void lane_forget_values(pTHX_ struct lane *lane, const struct counter_variables *to,
                        enum given_times times)
{
    counters_give(aTHX_ & lane->counters, to, times);
    values_clear(aTHX_ lane->values);
    extra_sections_forget(lane);
}

/* ---- times ---- */

/* Takes a time of a last record.  In a sorted log, the lane may have a later one. */
static void take_time(struct lane *lane, struct counter_key *key, enum hash_group group,
                      unsigned column, UV time, enum given_times times)
{
    if (times == GIVEN_TIMES_REPLACE || time > key->number[column])
        counters_set_last(&lane->counters, key, group, column, time);
}

/* Takes the times of the last records with each name of a kind. */
static void take_last(pTHX_ struct lane *lane, HV *hash, enum name_kind kind, enum hash_group group,
                      enum given_times times)
{
    HE *entry;
    if (!HvTOTALKEYS(hash))
        return;
    hv_iterinit(hash);
    while ((entry = hv_iternext(hash))) {
        STRLEN size;
        const char *key = SvPV_const(hv_iterkeysv(entry), size);
        struct counted_name *name = values_name(aTHX_ lane->values, kind, key, size);
        take_time(lane, &name->counter, group, LAST, SvUV(HeVAL(entry)), times);
    }
    hv_clear(hash);
}

/* Takes a time of the period; 0: there is none. */
static UV take_period(pTHX_ const struct lane *lane, HV *hash)
{
    HE *entry = hv_fetch_ent(hash, lane->period_key.key, 0, 0);
    const UV time = entry ? SvUV(HeVAL(entry)) : 0;
    if (time)
        (void)hv_delete_ent(hash, lane->period_key.key, G_DISCARD, 0);
    return time;
}

void lane_take_times(pTHX_ struct lane *lane, const struct counter_variables *from,
                     enum given_times times)
{
    take_last(aTHX_ lane, from->hash[GROUP_ROBOT][LAST], NAME_ROBOT, GROUP_ROBOT, times);
    take_last(aTHX_ lane, from->hash[GROUP_WORM][LAST], NAME_WORM, GROUP_WORM, times);
    const UV first = take_period(aTHX_ lane, from->hash[GROUP_PERIOD][PERIOD_FIRST]),
             last = take_period(aTHX_ lane, from->hash[GROUP_PERIOD][PERIOD_LAST]);
    const uint64_t before = lane->period_key.number[PERIOD_FIRST];
    if (first && (!before || (times == GIVEN_TIMES_ARE_SORTED && first < before)))
        counters_set_last(&lane->counters, &lane->period_key, GROUP_PERIOD, PERIOD_FIRST, first);
    if (last)
        take_time(lane, &lane->period_key, GROUP_PERIOD, PERIOD_LAST, last, times);
}
