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
