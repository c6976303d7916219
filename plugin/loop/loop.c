#include "loop/loop.h"

#include <string.h>

#include "awstats/settings.h"
#include "loop/internal.h"

/* Clear the classes of hosts when they exceed HOSTS_MEMORY bytes, and those of all fields when the others exceed
 * VALUES_MEMORY bytes plus VALUES_MEMORY_BY_ROW bytes for each row of a page or referring page, but at most half
 * as much as the counters may take.  Checked every BYTES_BETWEEN_CHECKS bytes of records; one that was not split
 * counts as BYTES_OF_RECORD. */
enum {
    HOSTS_MEMORY = 6 << 20,
    VALUES_MEMORY = 6 << 20,
    VALUES_MEMORY_BY_ROW = 512,
    BYTES_BETWEEN_CHECKS = 1 << 16,
    BYTES_OF_RECORD = 300
};

static const char *const words[LOOP_REASONS] = {
    [LOOP_NATIVE] = "native",
    [DELEGATE_MALFORMED] = "malformed records",
    [DELEGATE_URL] = "unsupported URLs",
    [DELEGATE_HOST] = "clients that are not IP addresses",
    [DELEGATE_QUERY] = "unsupported queries",
    [DELEGATE_REFERER] = "unsupported referrers",
    [DELEGATE_STATUS] = "unsupported status codes",
    [DELEGATE_VISIT] = "visits with malformed times",
    [DELEGATE_METHOD] = "methods that AWStats drops",
    [DELEGATE_TIME] = "times out of range",
    [DELEGATE_FIRST] = "first new record",
    [DELEGATE_PERIOD] = "first records of a period",
    [DELEGATE_SAVE] = "records at which AWStats saves",
    [DELEGATE_NEW_AGENT] = "new user agents",
    [DELEGATE_NEW_SERVER] = "new referring sites",
    [DELEGATE_FULL_SECTION] = "new rows of full extra sections",
    [DELEGATE_SIZE] = "sizes that are out of range",
    [DELEGATE_GIVEN_BACK] = "counters that are no whole numbers",
};

/* ---- between awstats.pl and the loop ---- */

/* Returns the time of the newest record; 0 if it is below zero, as in a damaged history file. */
static UV last_line(pTHX_ const struct loop_variables *awstats)
{
    return SvNV(awstats->last_line) < 0 ? 0 : SvUV(awstats->last_line);
}

/* Narrows AWStats' lists to the patterns that may match a field of the record.  AWStats searches a list only for a
 * text that it has not met, which can only be this record's. */
static void narrow_lists(pTHX_ struct update_loop *loop, const struct record *record)
{
    struct values *values = loop->values;
    STRLEN size;
    const struct agent *agent = values_agent(aTHX_ values, record);
    const char *text = SvPV_const(agent->text, size);
    if (!agent->robot_known)
        pattern_list_narrow(aTHX_ loop->searched[SEARCHED_ROBOTS], text, size);
    if (!agent->viewer_known) {
        pattern_list_narrow(aTHX_ loop->searched[SEARCHED_BROWSERS], text, size);
        pattern_list_narrow(aTHX_ loop->searched[SEARCHED_OSES], text, size);
    }
    const struct referer *referer = values_referer(aTHX_ values, record);
    if (referer->kind == REFERER_LINK && !referer->server->known) {
        const struct entry *server = &referer->server->entry;
        pattern_list_narrow(aTHX_ loop->searched[SEARCHED_ENGINES], server->key, server->size);
    }
}

static void widen_lists(pTHX_ struct update_loop *loop)
{
    for (unsigned i = 0; i < SEARCHED; i++)
        pattern_list_widen(aTHX_ loop->searched[i]);
}

void loop_enter(pTHX_ struct update_loop *loop)
{
    const struct loop_variables *awstats = &loop->awstats;
    exchange_take(aTHX_ loop->exchange);
    widen_lists(aTHX_ loop);
    saves_enter(aTHX_ & loop->saves);
    loop->last_line = last_line(aTHX_ awstats);
    loop->tomorrow = SvUV(awstats->tomorrow);
    loop->tolerance = SvNV(awstats->tolerance);
    loop->new_phase = SvTRUE(awstats->new_phase);
    loop->period = SvUV(awstats->period);

    STRLEN size;
    const char *text = SvPV_const(awstats->period, size);
    SV *key = loop->period_key.key;
    if (!key || SvCUR(key) != size || memcmp(SvPVX_const(key), text, size) != 0) {
        counters_key_free(aTHX_ loop->period_key);
        loop->period_key = counters_key_new(aTHX_ text, size);
    }
}

static void add_lines(pTHX_ SV *sv, UV *lines)
{
    if (*lines)
        counters_add(aTHX_ sv, *lines);
    *lines = 0;
}

void loop_leave(pTHX_ struct update_loop *loop, uint64_t offset)
{
    const struct loop_variables *awstats = &loop->awstats;
    if (loop->lines)
        sv_setuv(awstats->next_offset, (UV)offset);
    add_lines(aTHX_ awstats->lines, &loop->lines);
    add_lines(aTHX_ awstats->new_lines, &loop->new_lines);
    add_lines(aTHX_ awstats->old_lines, &loop->old_lines);
    add_lines(aTHX_ awstats->dropped_lines, &loop->dropped_lines);
    if (loop->last_line > last_line(aTHX_ awstats))
        sv_setuv(awstats->last_line, loop->last_line);
    if (!loop->tables.given_back)
        exchange_show_full(aTHX_ loop->exchange, loop->rows_max);
    saves_leave(aTHX_ & loop->saves);
}

bool loop_saves_between(pTHX_ const struct update_loop *loop)
{
    return saves_are_between(aTHX_ & loop->saves);
}

void loop_before_save(pTHX_ struct update_loop *loop, bool gives_back)
{
    counters_forget(loop->counters);
    saves_done(&loop->saves);
    exchange_take(aTHX_ loop->exchange);
    if (gives_back)
        exchange_give_back(aTHX_ loop->exchange);
}

void loop_after_save(struct update_loop *loop)
{
    counters_forget(loop->counters);
    saves_done(&loop->saves);
    tables_clear(&loop->tables);
}

/* ---- a record ---- */

/* Mirrors the update loop's body: $NbOfLinesParsed, $NbOfOldLines, $NbOfLinesDropped, "We found a
 * new line" and $NbOfNewLines.  AWStats drops a method before it searches a list. */
static enum loop_reason count_or_delegate(pTHX_ struct update_loop *loop,
                                          const struct record *record, struct tally_item *item)
{
    struct decision d;
    if (loop->tables.given_back)
        return DELEGATE_GIVEN_BACK;
    d.record = record;
    enum loop_reason reason = decide_record(aTHX_ loop, &d);
    if (reason && reason != DELEGATE_METHOD)
        narrow_lists(aTHX_ loop, record);
    if (reason)
        return reason;
    loop->lines++;
    if (d.action == PASS_OLD) {
        loop->old_lines++;
        item->figure = FIGURE_OLD;
        return LOOP_NATIVE;
    }
    if (d.vhost->counted && d.time > loop->last_line)
        loop->last_line = d.time;
    if (d.action == DROP) {
        loop->dropped_lines++;
        *item = (struct tally_item){d.left_out, record_field(record, COLUMN_HOST)};
        return LOOP_NATIVE;
    }
    count_record(aTHX_ loop, &d);
    item->figure = FIGURE_COUNTED;
    loop->new_lines++;
    saves_count(loop);
    return LOOP_NATIVE;
}

void loop_forget_values(pTHX_ struct update_loop *loop)
{
    values_clear(aTHX_ loop->values);
    extra_sections_forget(loop);
}

static size_t memory_allowed(const struct update_loop *loop)
{
    const struct rows *tables = loop->tables.of;
    const size_t rows = (size_t)tables[TABLE_PAGES].count + tables[TABLE_REFERERS].count,
                 by_rows = rows * VALUES_MEMORY_BY_ROW, most = loop->saves.memory / 2;
    return VALUES_MEMORY + (by_rows < most ? by_rows : most);
}

static void check_memory(pTHX_ struct update_loop *loop, const struct record *record)
{
    loop->since_check += record ? record->size : BYTES_OF_RECORD;
    if (loop->since_check <= BYTES_BETWEEN_CHECKS)
        return;
    loop->since_check = 0;
    saves_check_memory(aTHX_ loop);
    if (values_memory_of_hosts(loop->values) > HOSTS_MEMORY)
        values_clear_hosts(aTHX_ loop->values);
    if (values_memory(loop->values) > memory_allowed(loop))
        loop_forget_values(aTHX_ loop);
}

enum loop_reason loop_count(pTHX_ struct update_loop *loop, const struct record *record,
                            struct tally_item *item)
{
    enum loop_reason reason = DELEGATE_MALFORMED;
    check_memory(aTHX_ loop, record);
    if (record)
        reason = count_or_delegate(aTHX_ loop, record, item);
    loop->seen[reason]++;
    return reason;
}

SV *loop_visit_range(pTHX_ struct update_loop *loop, SV *start, SV *end)
{
    return values_session_of(aTHX_ loop->values, start, end)->counter.key;
}

uint64_t loop_lines(const struct update_loop *loop, enum loop_reason reason)
{
    return loop->seen[reason];
}

const char *loop_words(enum loop_reason reason)
{
    return words[reason];
}

/* ---- start and end ---- */

static SV *scalar(const struct update_loop *loop, enum variable variable)
{
    return SvREFCNT_inc(variables_scalar(&loop->variables, variable));
}

static struct loop_variables take_variables(pTHX_ const struct update_loop *loop, HV *settings)
{
    return (struct loop_variables){
        .lines = scalar(loop, AWSTATS_NbOfLinesParsed),
        .new_lines = scalar(loop, AWSTATS_NbOfNewLines),
        .old_lines = scalar(loop, AWSTATS_NbOfOldLines),
        .dropped_lines = scalar(loop, AWSTATS_NbOfLinesDropped),
        .last_line = scalar(loop, AWSTATS_LastLine),
        .new_phase = scalar(loop, AWSTATS_NewLinePhase),
        .tomorrow = scalar(loop, AWSTATS_tomorrowtime),
        .tolerance = scalar(loop, AWSTATS_NOTSORTEDRECORDTOLERANCE),
        .agent = scalar(loop, AWSTATS_UserAgent),
        .next_offset = SvREFCNT_inc(settings_referent(aTHX_ settings, "next_offset")),
        .period = SvREFCNT_inc(settings_referent(aTHX_ settings, "period")),
    };
}

static void take_lists(pTHX_ struct update_loop *loop)
{
    static const enum variable list[SEARCHED] = {
        [SEARCHED_ROBOTS] = AWSTATS_RobotsSearchIDOrder,
        [SEARCHED_BROWSERS] = AWSTATS_BrowsersSearchIDOrder,
        [SEARCHED_OSES] = AWSTATS_OSSearchIDOrder,
        [SEARCHED_ENGINES] = AWSTATS_SearchEnginesSearchIDOrder,
    };
    for (unsigned i = 0; i < SEARCHED; i++)
        loop->searched[i] = pattern_list_new(aTHX_ variables_glob(&loop->variables, list[i]));
}

static void take_settings(pTHX_ struct update_loop *loop, HV *settings)
{
    loop->web = settings_flag(aTHX_ settings, "web");
    loop->file_types = settings_flag(aTHX_ settings, "file_types");
    loop->robots = settings_flag(aTHX_ settings, "robots");
    loop->referers = settings_flag(aTHX_ settings, "referers");
    loop->agent_lists = values_has(loop->values, CALLBACK_AGENT_LISTS);
    loop->referer_lists = values_has(loop->values, CALLBACK_REFERER_LISTS);
    loop->changes_time = values_has(loop->values, CALLBACK_TIME);
    loop->notifies_sections = values_has(loop->values, CALLBACK_SECTIONS);
    counted_init(&loop->counted, &loop->variables, settings_flag(aTHX_ settings, "partial_once"));
    loop->counts_late = settings_flag(aTHX_ settings, "counts_late");
    loop->error_referers = settings_flag(aTHX_ settings, "error_referers");
    loop->error_hosts = settings_flag(aTHX_ settings, "error_hosts");
    loop->sizes = settings_flag(aTHX_ settings, "sizes");
    loop->drops_zero = settings_flag(aTHX_ settings, "drops_zero");
    loop->host_lists = (unsigned)settings_number(aTHX_ settings, "host_lists");
    loop->visit_timeout = settings_number(aTHX_ settings, "visit_timeout");
    loop->rows_max = settings_number(aTHX_ settings, "rows_max");
}

static void check_variables(pTHX_ const struct variables *variables, HV *settings)
{
    variables_require_all(aTHX_ variables);
    if (settings_flag(aTHX_ settings, "sizes") && !(variables_has(variables, AWSTATS__filesize) &&
                                                    variables_has(variables, AWSTATS_PayloadRange)))
        croak("AWStats has no variable %%_filesize or @PayloadRange");
}

struct update_loop *loop_new(pTHX_ HV *settings)
{
    struct variables variables;
    variables_init(aTHX_ & variables);
    check_variables(aTHX_ & variables, settings);
    struct update_loop *loop;
    Newxz(loop, 1, struct update_loop);
    loop->variables = variables;
    Newxz(loop->counters, 1, struct counters);
    counters_init(loop->counters, &loop->variables);
    loop->values = values_new(aTHX_ & loop->variables, loop->counters, settings);
    loop->awstats = take_variables(aTHX_ loop, settings);
    saves_init(aTHX_ & loop->saves, settings);
    take_lists(aTHX_ loop);
    take_settings(aTHX_ loop, settings);
    extra_sections_init(aTHX_ loop, settings_array(aTHX_ settings, "sections"),
                        settings_number(aTHX_ settings, "seed"));
    loop->exchange = exchange_new(aTHX_ & loop->variables, &loop->tables);
    return loop;
}

void loop_free(pTHX_ struct update_loop *loop)
{
    SV *const held[] = {
        loop->awstats.lines,         loop->awstats.new_lines, loop->awstats.old_lines,
        loop->awstats.dropped_lines, loop->awstats.last_line, loop->awstats.new_phase,
        loop->awstats.tomorrow,      loop->awstats.tolerance, loop->awstats.agent,
        loop->awstats.next_offset,   loop->awstats.period,
    };
    for (unsigned i = 0; i < SEARCHED; i++)
        pattern_list_free(aTHX_ loop->searched[i]);
    values_free(aTHX_ loop->values);
    saves_free(aTHX_ & loop->saves);
    for (size_t i = 0; i < sizeof held / sizeof held[0]; i++)
        SvREFCNT_dec(held[i]);
    counters_key_free(aTHX_ loop->period_key);
    exchange_free(aTHX_ loop->exchange);
    tables_free(&loop->tables);
    extra_sections_free(loop);
    Safefree(loop->counters);
    Safefree(loop);
}
