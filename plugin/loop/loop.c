#include "loop/loop.h"

#include <string.h>

#include "awstats/scalar.h"
#include "awstats/settings.h"
#include "loop/internal.h"
#include "loop/threads.h"

enum { BYTES_OF_RECORD = 300 }; /* as many does a line count that is no record */

static const char *const words[LOOP_REASONS] = {
    [LOOP_NATIVE] = "native",
    [LOOP_ASKS] = "values that another thread asked for",
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
    struct values *values = loop->current->values;
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

/* Gives a lane the key of the period. */
static void set_period(pTHX_ struct lane *lane, SV *period)
{
    STRLEN size;
    const char *text = SvPV_const(period, size);
    SV *key = lane->period_key.key;
    if (key && SvCUR(key) == size && memcmp(SvPVX_const(key), text, size) == 0)
        return;
    counters_key_free(aTHX_ lane->period_key);
    lane->period_key = counters_key_new(aTHX_ text, size);
}

/* Takes AWStats' variables for all lanes, which no thread uses. */
static void take_now(pTHX_ struct update_loop *loop)
{
    const struct loop_variables *awstats = &loop->awstats;
    loop->now.tomorrow = SvUV(awstats->tomorrow);
    loop->now.tolerance = SvNV(awstats->tolerance);
    loop->now.new_phase = SvTRUE(awstats->new_phase);
    loop->now.period = SvUV(awstats->period);
    for (unsigned i = 0; i < loop->lanes; i++) {
        loop->lane[i].last_line = last_line(aTHX_ awstats);
        set_period(aTHX_ & loop->lane[i], awstats->period);
    }
}

void loop_enter(pTHX_ struct update_loop *loop)
{
    exchange_take(aTHX_ loop->exchange);
    widen_lists(aTHX_ loop);
    saves_enter(aTHX_ & loop->saves);
    if (loop_is_busy(loop))
        loop->current->last_line = last_line(aTHX_ & loop->awstats);
    else
        take_now(aTHX_ loop);
    lanes_take_times(aTHX_ loop);
    if (loop->current->tables.given_back && !loop->is_joined && loop->lanes > 1) {
        lanes_give_back(aTHX_ loop);
        lanes_take_times(aTHX_ loop);
    }
    lanes_answer(loop);
}

/* Adds the lines of a lane to AWStats' numbers. */
static void give_lines(pTHX_ const struct loop_variables *awstats, struct lane *lane)
{
    const struct {
        SV *sv;
        UV lines;
    } numbers[] = {
        {awstats->lines, lane->lines.parsed},
        {awstats->new_lines, lane->lines.counted},
        {awstats->old_lines, lane->lines.old},
        {awstats->dropped_lines, lane->lines.dropped},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (numbers[i].lines)
            scalar_add(aTHX_ numbers[i].sv, numbers[i].lines);
    }
    lane->lines = (struct lane_lines){0};
}

/* Gives what a lane has for AWStats whenever that counts a record.  Returns whether the lane has counted lines. */
static bool give_state(pTHX_ struct update_loop *loop, struct lane *lane)
{
    const bool has_lines = lane->lines.parsed;
    give_lines(aTHX_ & loop->awstats, lane);
    if (lane->last_line > loop->last_line)
        loop->last_line = lane->last_line;
    return has_lines;
}

/* Sets $LastLine.  AWStats takes a record for corrupted if its time is far before $LastLine: while other threads are
 * ahead of the record, $LastLine must not be the time of theirs. */
static void give_last_line(pTHX_ struct update_loop *loop, bool is_busy)
{
    SV *sv = loop->awstats.last_line;
    const UV before = last_line(aTHX_ & loop->awstats);
    if (before > loop->last_line)
        loop->last_line = before;
    if (is_busy)
        sv_setuv(sv, loop->current->last_line);
    else if (before < loop->last_line)
        sv_setuv(sv, loop->last_line);
}

void loop_leave(pTHX_ struct update_loop *loop, uint64_t offset)
{
    const bool is_busy = loop_is_busy(loop);
    bool has_lines = false;
    for (unsigned i = 0; i < loop->lanes; i++) {
        if (!is_busy || &loop->lane[i] == loop->current)
            has_lines |= give_state(aTHX_ loop, &loop->lane[i]);
    }
    if (has_lines || (loop->was_ahead && !loop->asking))
        sv_setuv(loop->awstats.next_offset, (UV)offset);
    loop->was_ahead = loop->was_ahead && loop->asking;
    give_last_line(aTHX_ loop, is_busy);
    if (!loop->current->tables.given_back)
        exchange_show_full(aTHX_ loop->exchange, loop->rules.rows_max);
    saves_leave(aTHX_ & loop->saves, !is_busy);
}

bool loop_saves_between(pTHX_ const struct update_loop *loop)
{
    return saves_are_between(aTHX_ & loop->saves);
}

/* Forgets what AWStats empties when it saves. */
static void end_counting(struct update_loop *loop)
{
    for (unsigned i = 0; i < loop->lanes; i++)
        values_forget_delegated(loop->lane[i].values);
    saves_done(&loop->saves);
}

void loop_before_save(pTHX_ struct update_loop *loop, bool gives_back)
{
    exchange_take(aTHX_ loop->exchange);
    lanes_take_times(aTHX_ loop);
    gives_back = gives_back || loop->current->tables.given_back;
    lanes_join(aTHX_ loop);
    end_counting(loop);
    if (gives_back)
        lanes_give_back(aTHX_ loop);
}

void loop_after_save(struct update_loop *loop)
{
    end_counting(loop);
    loop->now.save_is_due = false;
    lanes_clear(loop);
}

/* ---- a record ---- */

void loop_forget_values(pTHX_ struct update_loop *loop)
{
    for (unsigned i = 0; i < loop->lanes; i++)
        lane_forget_values(aTHX_ & loop->lane[i], &loop->of_counters, lanes_times(loop));
    threads_free(loop->threads);
    loop->threads = NULL;
}

static void check_memory(pTHX_ struct update_loop *loop, const struct record *record)
{
    struct lane *lane = loop->current;
    if (!lane_is_check_due(lane, record ? record->size : BYTES_OF_RECORD))
        return;
    saves_check_memory(aTHX_ loop);
    if (lane_must_forget_values(lane, loop->saves.memory))
        lanes_forget_values(aTHX_ loop);
}

enum loop_reason loop_count(pTHX_ struct update_loop *loop, const struct record *record,
                            struct tally_item *item)
{
    enum loop_reason reason = DELEGATE_MALFORMED;
    check_memory(aTHX_ loop, record);
    if (record)
        reason = lane_count(aTHX_ loop->current, record, item);
    if (record && reason && reason != DELEGATE_METHOD && reason != DELEGATE_GIVEN_BACK)
        narrow_lists(aTHX_ loop, record);
    if (!reason && item->figure == FIGURE_COUNTED)
        saves_count(loop);
    if (reason)
        loop->seen[reason]++;
    return reason;
}

void loop_look_ahead(struct update_loop *loop, const struct record *record, size_t records)
{
    ahead_load(loop->current, record, records);
}

SV *loop_visit_range(pTHX_ struct update_loop *loop, SV *start, SV *end)
{
    return values_session_of(aTHX_ loop->current->values, start, end)->counter.key;
}

unsigned loop_threads(const struct update_loop *loop)
{
    return loop->started ? loop->started : 1;
}

uint64_t loop_lines(const struct update_loop *loop, enum loop_reason reason)
{
    uint64_t lines = loop->seen[reason];
    for (unsigned i = 0; reason == LOOP_NATIVE && i < loop->lanes; i++)
        lines += loop->lane[i].native;
    return lines;
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

static void take_rules(pTHX_ struct update_loop *loop, HV *settings)
{
    const struct values *values = loop->lane->values;
    loop->rules = (struct rules){
        .queries_matter = loop->rules.queries_matter,
        .web = settings_flag(aTHX_ settings, "web"),
        .file_types = settings_flag(aTHX_ settings, "file_types"),
        .robots = settings_flag(aTHX_ settings, "robots"),
        .referers = settings_flag(aTHX_ settings, "referers"),
        .agent_lists = values_has(values, CALLBACK_AGENT_LISTS),
        .referer_lists = values_has(values, CALLBACK_REFERER_LISTS),
        .changes_time = values_has(values, CALLBACK_TIME),
        .notifies_sections = values_has(values, CALLBACK_SECTIONS),
        .partial_once = settings_flag(aTHX_ settings, "partial_once"),
        .counts_late = settings_flag(aTHX_ settings, "counts_late"),
        .error_referers = settings_flag(aTHX_ settings, "error_referers"),
        .error_hosts = settings_flag(aTHX_ settings, "error_hosts"),
        .sizes = settings_flag(aTHX_ settings, "sizes"),
        .drops_zero = settings_flag(aTHX_ settings, "drops_zero"),
        .host_lists = (unsigned)settings_number(aTHX_ settings, "host_lists"),
        .visit_timeout = settings_number(aTHX_ settings, "visit_timeout"),
        .rows_max = settings_number(aTHX_ settings, "rows_max"),
    };
}

static void check_variables(pTHX_ const struct variables *variables, HV *settings)
{
    variables_require_all(aTHX_ variables);
    if (settings_flag(aTHX_ settings, "sizes") && !(variables_has(variables, AWSTATS__filesize) &&
                                                    variables_has(variables, AWSTATS_PayloadRange)))
        croak("AWStats has no variable %%_filesize or @PayloadRange");
}

/* Whether lanes may count in threads: not if AWStats' state must be right at each record, or plugins see each. */
static bool may_have_threads(const struct update_loop *loop)
{
    return !loop->rules.changes_time && !loop->rules.notifies_sections && !loop->saves.has_limit;
}

static void init_lane(pTHX_ struct update_loop *loop, struct lane *lane, HV *settings)
{
    lane_init(aTHX_ lane, &loop->variables, settings);
    extra_sections_init(aTHX_ lane, settings_array(aTHX_ settings, "sections"),
                        settings_number(aTHX_ settings, "seed"), &loop->rules.queries_matter);
    lane->rules = &loop->rules;
    lane->now = &loop->now;
    loop->lanes++;
}

static void init_lanes(pTHX_ struct update_loop *loop, HV *settings)
{
    const unsigned threads = (unsigned)settings_number(aTHX_ settings, "threads");
    Newxz(loop->lane, threads ? threads : 1, struct lane);
    init_lane(aTHX_ loop, loop->lane, settings);
    take_rules(aTHX_ loop, settings);
    while (may_have_threads(loop) && loop->lanes < threads)
        init_lane(aTHX_ loop, &loop->lane[loop->lanes], settings);
    loop->current = loop->lane;
    if (loop->lanes > 1)
        loop->threads = threads_new(loop->lane, loop->lanes, loop->saves.memory);
    loop->started = loop->threads ? loop->lanes : 0;
}

struct update_loop *loop_new(pTHX_ HV *settings)
{
    struct variables variables;
    variables_init(aTHX_ & variables);
    check_variables(aTHX_ & variables, settings);
    struct update_loop *loop;
    Newxz(loop, 1, struct update_loop);
    loop->variables = variables;
    counters_find_variables(&loop->of_counters, &loop->variables);
    loop->awstats = take_variables(aTHX_ loop, settings);
    saves_init(aTHX_ & loop->saves, settings);
    take_lists(aTHX_ loop);
    init_lanes(aTHX_ loop, settings);
    loop->exchange = exchange_new(aTHX_ & loop->variables, &loop->lane->tables);
    return loop;
}

void loop_free(pTHX_ struct update_loop *loop)
{
    SV *const held[] = {
        loop->awstats.lines,         loop->awstats.new_lines, loop->awstats.old_lines,
        loop->awstats.dropped_lines, loop->awstats.last_line, loop->awstats.new_phase,
        loop->awstats.tomorrow,      loop->awstats.tolerance, loop->awstats.next_offset,
        loop->awstats.period,
    };
    threads_free(loop->threads);
    for (unsigned i = 0; i < SEARCHED; i++)
        pattern_list_free(aTHX_ loop->searched[i]);
    saves_free(aTHX_ & loop->saves);
    for (size_t i = 0; i < sizeof held / sizeof held[0]; i++)
        SvREFCNT_dec(held[i]);
    exchange_free(aTHX_ loop->exchange);
    for (unsigned i = 0; i < loop->lanes; i++)
        lane_free(aTHX_ & loop->lane[i]);
    Safefree(loop->lane);
    Safefree(loop);
}
