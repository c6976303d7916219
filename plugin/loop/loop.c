#include "loop/loop.h"

#include <stdlib.h>
#include <string.h>

#include "loop/internal.h"
#include "awstats/settings.h"

/* All that is known of values is forgotten when it takes too much memory: more than so many bytes,
 * and so many for each key of AWStats' own greatest hashes, which take several times that.  How
 * much it is is looked at after so many bytes of records. */
enum { VALUES_MEMORY = 6 << 20, VALUES_MEMORY_BY_KEY = 150, BYTES_BETWEEN_LOOKS = 1 << 16 };

static const char *const words[LOOP_REASONS] = {
    [LOOP_NATIVE] = "native",
    [LOOP_ODD_RECORD] = "odd records",
    [LOOP_ODD_URL] = "odd URLs",
    [LOOP_ODD_HOST] = "odd hosts",
    [LOOP_ODD_QUERY] = "odd queries",
    [LOOP_ODD_REFERER] = "odd referers",
    [LOOP_ODD_STATUS] = "odd status codes",
    [LOOP_ODD_VISIT] = "odd visits",
    [LOOP_METHOD] = "methods",
    [LOOP_TIME] = "times",
    [LOOP_FIRST] = "first new record",
    [LOOP_BREAK] = "first records of a break",
    [LOOP_FLUSH] = "flush tests",
    [LOOP_AGENT] = "new user agents",
    [LOOP_REFERER] = "new referring sites",
    [LOOP_SECTION_FULL] = "full extra sections",
};

/* The time of the newest record, which a damaged history file may have below zero. */
static UV last_line(pTHX_ const struct awstats *awstats)
{
    return SvNV(awstats->last_line) < 0 ? 0 : SvUV(awstats->last_line);
}

/* Leaves in AWStats' lists what it may find there for a record, where it may search at all: for
 * another value, or one that it has met, it has no use for them. */
static void narrow_lists(pTHX_ struct update_loop *loop, const struct record *record)
{
    struct values *values = loop->values;
    STRLEN size;
    const struct agent *agent = values_agent(aTHX_ values, &record->field[COLUMN_AGENT]);
    const char *text = SvPV_const(agent->text, size);
    if (!agent->robot_known)
        search_list_narrow(aTHX_ loop->searched[SEARCHED_ROBOTS], text, size);
    if (!agent->viewer_known) {
        search_list_narrow(aTHX_ loop->searched[SEARCHED_BROWSERS], text, size);
        search_list_narrow(aTHX_ loop->searched[SEARCHED_OSES], text, size);
    }
    const struct referer *referer = values_referer(aTHX_ values, &record->field[COLUMN_REFERER]);
    if (referer->kind == REFERER_LINK && !referer->server->known) {
        const struct entry *server = &referer->server->entry;
        search_list_narrow(aTHX_ loop->searched[SEARCHED_ENGINES], server->key, server->size);
    }
}

static void widen_lists(pTHX_ struct update_loop *loop)
{
    for (unsigned i = 0; i < SEARCHED; i++)
        search_list_widen(aTHX_ loop->searched[i]);
}

void loop_enter(pTHX_ struct update_loop *loop)
{
    const struct awstats *awstats = &loop->awstats;
    widen_lists(aTHX_ loop);
    loop->last_line = last_line(aTHX_ awstats);
    loop->tomorrow = SvUV(awstats->tomorrow);
    loop->tolerance = SvNV(awstats->tolerance);
    loop->new_phase = SvTRUE(awstats->new_phase);
    loop->since_flush = SvUV(awstats->since_flush);
    loop->break_time = SvUV(awstats->break_time);

    STRLEN size;
    const char *text = SvPV_const(awstats->break_time, size);
    SV *key = loop->break_item.key;
    if (!key || SvCUR(key) != size || memcmp(SvPVX_const(key), text, size) != 0) {
        item_free(aTHX_ loop->break_item);
        loop->break_item = item_new(aTHX_ text, size);
    }
}

static void add_lines(pTHX_ SV *sv, UV *lines)
{
    if (*lines)
        count_add(aTHX_ sv, *lines);
    *lines = 0;
}

void loop_leave(pTHX_ struct update_loop *loop, uint64_t offset)
{
    const struct awstats *awstats = &loop->awstats;
    if (loop->lines)
        sv_setuv(awstats->next_offset, (UV)offset);
    add_lines(aTHX_ awstats->lines, &loop->lines);
    add_lines(aTHX_ awstats->new_lines, &loop->new_lines);
    add_lines(aTHX_ awstats->old_lines, &loop->old_lines);
    add_lines(aTHX_ awstats->dropped_lines, &loop->dropped_lines);
    if (loop->last_line > last_line(aTHX_ awstats))
        sv_setuv(awstats->last_line, loop->last_line);
    sv_setuv(awstats->since_flush, loop->since_flush);
}

void loop_forget(struct update_loop *loop)
{
    counters_forget(loop->counters);
}

static enum loop_reason take(pTHX_ struct update_loop *loop, const char *line, size_t size)
{
    struct decision d;
    if (!record_split(&d.record, line, size))
        return LOOP_ODD_RECORD;
    enum loop_reason reason = decide(aTHX_ loop, &d);
    if (reason && reason != LOOP_METHOD) /* which AWStats drops without a search */
        narrow_lists(aTHX_ loop, &d.record);
    if (reason)
        return reason;
    loop->lines++;
    if (d.action == PASS_OLD) {
        loop->old_lines++;
        return LOOP_NATIVE;
    }
    if (d.vhost->counted && d.time > loop->last_line)
        loop->last_line = d.time;
    if (d.action == DROP) {
        loop->dropped_lines++;
        return LOOP_NATIVE;
    }
    count(aTHX_ loop, &d);
    loop->new_lines++;
    loop->since_flush++;
    return LOOP_NATIVE;
}

static size_t memory_allowed(const struct update_loop *loop)
{
    HV *const hosts = loop->counters->hash[TALLY_HOST][HITS],
              *const urls = loop->counters->hash[TALLY_URL][PAGES],
              *const referers = loop->counters->hash[TALLY_PAGE_REFERER][HITS];
    size_t keys = HvTOTALKEYS(hosts) + HvTOTALKEYS(urls) + HvTOTALKEYS(referers);
    return VALUES_MEMORY + keys * VALUES_MEMORY_BY_KEY;
}

enum loop_reason loop_count(pTHX_ struct update_loop *loop, const char *line, size_t size)
{
    loop->since_look += size;
    if (loop->since_look > BYTES_BETWEEN_LOOKS) {
        loop->since_look = 0;
        if (values_memory(loop->values) > memory_allowed(loop))
            values_clear(aTHX_ loop->values);
    }
    enum loop_reason reason = take(aTHX_ loop, line, size);
    loop->seen[reason]++;
    return reason;
}

uint64_t loop_lines(const struct update_loop *loop, enum loop_reason reason)
{
    return loop->seen[reason];
}

const char *loop_words(enum loop_reason reason)
{
    return words[reason];
}

static SV *variable(const struct update_loop *loop, enum variable name)
{
    return SvREFCNT_inc(variables_scalar(&loop->variables, name));
}

/* What a reference among the settings refers to. */
static SV *referred(pTHX_ HV *setting, const char *name)
{
    SV *sv = setting_of(aTHX_ setting, name);
    if (!sv || !SvROK(sv))
        croak("%s is not a reference", name);
    return SvREFCNT_inc(SvRV(sv));
}

static struct search_list *searched_list(pTHX_ const struct update_loop *loop, enum variable list)
{
    return search_list_new(aTHX_ variables_glob(&loop->variables, list));
}

static struct awstats take_variables(pTHX_ const struct update_loop *loop, HV *setting)
{
    return (struct awstats){
        .lines = variable(loop, AWSTATS_NbOfLinesParsed),
        .new_lines = variable(loop, AWSTATS_NbOfNewLines),
        .old_lines = variable(loop, AWSTATS_NbOfOldLines),
        .dropped_lines = variable(loop, AWSTATS_NbOfLinesDropped),
        .last_line = variable(loop, AWSTATS_LastLine),
        .new_phase = variable(loop, AWSTATS_NewLinePhase),
        .tomorrow = variable(loop, AWSTATS_tomorrowtime),
        .tolerance = variable(loop, AWSTATS_NOTSORTEDRECORDTOLERANCE),
        .agent = variable(loop, AWSTATS_UserAgent),
        .since_flush = referred(aTHX_ setting, "since_flush"),
        .next_offset = referred(aTHX_ setting, "next_offset"),
        .break_time = referred(aTHX_ setting, "break_time"),
    };
}

struct update_loop *loop_new(pTHX_ HV *setting)
{
    struct variables variables;
    variables_init(aTHX_ & variables);
    bool sizes = setting_flag(aTHX_ setting, "sizes");
    if (sizes && !(variables_has(&variables, AWSTATS__filesize) &&
                   variables_has(&variables, AWSTATS_PayloadRange)))
        croak("AWStats has no %%_filesize or no @PayloadRange");
    struct update_loop *loop = allocate(1, sizeof *loop);
    loop->variables = variables;
    loop->sizes = sizes;
    loop->counters = allocate(1, sizeof *loop->counters);
    loop->values = allocate(1, sizeof *loop->values);
    counters_init(loop->counters, &loop->variables);
    values_init(aTHX_ loop->values, &loop->variables, loop->counters, setting);
    loop->awstats = take_variables(aTHX_ loop, setting);
    loop->searched[SEARCHED_ROBOTS] = searched_list(aTHX_ loop, AWSTATS_RobotsSearchIDOrder);
    loop->searched[SEARCHED_BROWSERS] = searched_list(aTHX_ loop, AWSTATS_BrowsersSearchIDOrder);
    loop->searched[SEARCHED_OSES] = searched_list(aTHX_ loop, AWSTATS_OSSearchIDOrder);
    loop->searched[SEARCHED_ENGINES] =
        searched_list(aTHX_ loop, AWSTATS_SearchEnginesSearchIDOrder);
    sections_init(aTHX_ loop, setting_array(aTHX_ setting, "sections"));
    loop->web = setting_flag(aTHX_ setting, "web");
    loop->file_types = setting_flag(aTHX_ setting, "file_types");
    loop->robots = setting_flag(aTHX_ setting, "robots");
    loop->referers = setting_flag(aTHX_ setting, "referers");
    loop->partial_once = setting_flag(aTHX_ setting, "partial_once");
    loop->error_referers = setting_flag(aTHX_ setting, "error_referers");
    loop->error_hosts = setting_flag(aTHX_ setting, "error_hosts");
    loop->host_lists = (unsigned)setting_number(aTHX_ setting, "host_lists");
    loop->visit_timeout = setting_number(aTHX_ setting, "visit_timeout");
    loop->rows_max = setting_number(aTHX_ setting, "rows_max");
    loop->download_hits = newSVpvs_share("AWSTATS_HITS");
    loop->download_size = newSVpvs_share("AWSTATS_SIZE");
    loop->download_partial = newSVpvs_share("AWSTATS_206");
    return loop;
}

void loop_free(pTHX_ struct update_loop *loop)
{
    SV *const held[] = {
        loop->awstats.lines,         loop->awstats.new_lines,   loop->awstats.old_lines,
        loop->awstats.dropped_lines, loop->awstats.last_line,   loop->awstats.new_phase,
        loop->awstats.tomorrow,      loop->awstats.tolerance,   loop->awstats.agent,
        loop->awstats.since_flush,   loop->awstats.next_offset, loop->awstats.break_time,
        loop->download_hits,         loop->download_size,       loop->download_partial,
    };
    for (unsigned i = 0; i < SEARCHED; i++)
        search_list_free(aTHX_ loop->searched[i]);
    values_free(aTHX_ loop->values);
    for (size_t i = 0; i < sizeof held / sizeof held[0]; i++)
        SvREFCNT_dec(held[i]);
    item_free(aTHX_ loop->break_item);
    sections_free(loop);
    variables_free(aTHX_ & loop->variables);
    free(loop->values);
    free(loop->counters);
    free(loop);
}
