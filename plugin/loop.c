#include "loop.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "record.h"
#include "values.h"

/* All that is known of values is forgotten when there are more of them, which is looked at after so
 * many records. */
enum { VALUES_MAX = 1 << 18, RECORDS_BETWEEN_LOOKS = 1 << 10 };

/* So many records after it did so last, AWStats looks whether to save what it has. */
enum { RECORDS_BETWEEN_FLUSHES = 20000 };

enum origin { ORIGIN_DIRECT, ORIGIN_UNKNOWN, ORIGIN_ENGINE, ORIGIN_LINK, ORIGIN_OWN };

/* An extra section of the configuration. */
struct section {
    unsigned *condition, *row; /* numbers of patterns; the first that matches counts */
    unsigned conditions, rows;
    bool pages, bytes, last;
    HV *hash[SLOTS];
    struct table names; /* of struct name: its rows */
};

/* Variables of awstats.pl that live from record to record; the last three are lexicals. */
struct awstats {
    SV *lines, *new_lines, *old_lines, *dropped_lines;
    SV *last_line, *new_phase, *tomorrow, *tolerance, *agent;
    SV *since_flush, *next_offset, *break_time;
};

struct update_loop {
    struct counters counters;
    struct values values;
    struct awstats awstats;

    bool web; /* LogType=W; else S */
    bool file_types, robots, referers;
    bool partial_once; /* counts the bytes of a partial download once, where AWStats does twice */
    bool error_referers, error_hosts, error_referers_whole;
    bool sizes; /* has a table of sizes: since AWStats 7.9 */
    bool queries_matter; /* to an extra section */
    UV visit_timeout, rows_max;
    unsigned host_lists; /* HOST_...: which there are */
    struct section *section;
    unsigned sections;
    struct name **row; /* of each section, for the record at hand */
    SV *download_hits, *download_size, *download_partial;

    /* From loop_enter() to loop_leave(): */
    UV last_line, tomorrow, break_time, since_flush;
    NV tolerance;
    bool new_phase;
    struct item break_item;
    UV lines, new_lines, old_lines, dropped_lines; /* to be added to those of AWStats */

    unsigned until_look;
    uint64_t seen[LOOP_REASONS];
};

static const char *const words[LOOP_REASONS] = {
    [LOOP_NATIVE] = "native",
    [LOOP_HEADER] = "header lines",
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

/* ---- deciding ---- */

enum action { DROP, PASS_OLD, COUNT };

/* What becomes of a record that is counted: all that AWStats has charts of. */
enum outcome { VIEWED, FAVICON, WORM, ERROR, ROBOT, ROBOTS_TXT, PARTIAL };

enum visit {
    NO_VISIT,
    FIRST_VISIT,
    SECOND_VISIT,
    NEXT_VISIT,
    LATER_IN_VISIT,
    AS_LATE,
    EARLIER,
    WITHIN_VISIT
};

struct decision {
    struct record record;
    UV time; /* YYYYMMDDhhmmss */
    UV bytes;
    enum action action;
    enum outcome outcome;
    bool partial; /* part of a download, whoever wanted it */
    enum visit visit;
    enum origin origin;
    struct moment *moment;
    struct status *status;
    struct vhost *vhost;
    struct url *url;
    struct host *host;
    struct agent *agent;
    struct referer *referer;
};

static bool is_any(const struct field *field, const char *const *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (field_is(field, text[i]))
            return true;
    }
    return false;
}

static bool method_counts(const struct update_loop *loop, const struct field *method)
{
    static const char *const web[] = {
        "GET",        "POST", "HEAD",  "OPTIONS", "PUT",         "DELETE",       "PROPFIND",
        "CHECKOUT",   "LOCK", "MERGE", "REPORT",  "MKCOL",       "COPY",         "PROPPATCH",
        "MKACTIVITY", "OK",   "ERR!",  "PRIV",    "RPC_IN_DATA", "RPC_OUT_DATA",
    };
    static const char *const streaming[] = {"GET", "MMS", "RTSP", "HTTP", "RTP"};
    return loop->web ? is_any(method, web, sizeof web / sizeof web[0])
                     : is_any(method, streaming, sizeof streaming / sizeof streaming[0]);
}

/* AWStats takes the last column of a record for the host's name, and for the user's, where the
 * format has none. */
static bool lists_drop(pTHX_ struct update_loop *loop, struct decision *d)
{
    struct values *values = &loop->values;
    const struct field *field = d->record.field;
    if (d->url->is & URL_DROPPED)
        return true;
    if (loop->host_lists) {
        unsigned host = values_host_lists(aTHX_ values, d->host);
        unsigned last =
            values_host_lists(aTHX_ values, values_host(aTHX_ values, &field[COLUMNS - 1]));
        if (((host | last) & HOST_SKIPPED) ||
            ((loop->host_lists & HOST_ONLY) && !((host | last) & HOST_ONLY)) ||
            ((loop->host_lists & HOST_USER) && !(last & HOST_USER)))
            return true;
    }
    return (values->ask[ASK_AGENT_LISTS] && d->agent->dropped) ||
           (values->ask[ASK_REFERER_LISTS] && d->referer->dropped);
}

static void decide_outcome(struct decision *d)
{
    unsigned is = d->url->is;
    d->bytes = d->record.bytes;
    d->partial = false;
    if (is & URL_FAVICON) {
        d->outcome = FAVICON;
    } else if (d->url->worm) {
        d->outcome = WORM;
    } else if (d->status->valid) {
        d->outcome = VIEWED;
        if (d->record.status == 304)
            d->bytes = 0;
    } else if (d->record.status == 206 && (is & URL_DOWNLOAD)) {
        d->outcome = PARTIAL;
        d->partial = true;
    } else {
        d->outcome = ERROR;
    }
}

static bool viewed(const struct decision *d)
{
    return d->outcome == VIEWED || d->outcome == PARTIAL;
}

static enum loop_reason decide_agent(pTHX_ struct update_loop *loop, struct decision *d)
{
    if (loop->robots) {
        if (!values_agent_robot(aTHX_ & loop->values, d->agent))
            return LOOP_AGENT;
        if (d->agent->robot)
            d->outcome = ROBOT;
    }
    if (d->outcome == VIEWED && (d->url->is & URL_ROBOTS_TXT))
        d->outcome = ROBOTS_TXT;
    if (viewed(d) && !values_agent_viewer(aTHX_ & loop->values, d->agent))
        return LOOP_AGENT;
    return LOOP_NATIVE;
}

static enum loop_reason decide_origin(pTHX_ struct update_loop *loop, struct decision *d)
{
    struct referer *referer = d->referer;
    d->origin = ORIGIN_UNKNOWN;
    if (!loop->referers)
        return LOOP_NATIVE;
    if (referer->kind == REFERER_ODD)
        return LOOP_ODD_REFERER;
    if (referer->kind == REFERER_DIRECT)
        d->origin = ORIGIN_DIRECT;
    if (referer->kind != REFERER_LINK)
        return LOOP_NATIVE;
    struct server *server = referer->server;
    if (!values_server(aTHX_ & loop->values, server)) {
        server->left_to_awstats = loop->counters.generation;
        return LOOP_REFERER;
    }
    d->origin = server->own ? ORIGIN_OWN : server->engine ? ORIGIN_ENGINE : ORIGIN_LINK;
    return LOOP_NATIVE;
}

/* Reads a time as AWStats keeps it.  False when it is none. */
static bool time_in(pTHX_ SV *sv, UV *time)
{
    if (!sv || (!SvIOK(sv) && looks_like_number(sv) != IS_NUMBER_IN_UV))
        return false;
    *time = SvUV(sv);
    return *time >= 10000101000000 && *time <= 99991231235959;
}

static enum loop_reason decide_visit(pTHX_ struct update_loop *loop, struct decision *d)
{
    struct counters *counters = &loop->counters;
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
    if (!time_in(aTHX_ last_sv, &last) || !time_in(aTHX_ start_sv, &start))
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

/* What a section's pattern is matched with: the value, and its text unless it is the value's key.
 */
static struct value *value_of(pTHX_ struct update_loop *loop, struct decision *d,
                              enum source source, const char **text, size_t *size)
{
    struct values *values = &loop->values;
    const struct field *query = &d->record.field[COLUMN_QUERY];
    bool has_query = !field_is(query, "-") && !field_is(query, "0");
    STRLEN length;
    char *both;
    switch (source) {
    case SOURCE_URL:
        *text = SvPV_const(d->url->path, length);
        *size = length;
        return &d->url->value;
    case SOURCE_QUERY:
        *text = query->text;
        *size = has_query ? query->size : 0;
        return values_plain(aTHX_ values, source, *text, *size);
    case SOURCE_URL_QUERY:
        *text = SvPV_const(d->url->path, length);
        *size = length;
        if (has_query) {
            both = values_scratch(aTHX_ values, length + 1 + query->size);
            memcpy(both, *text, length);
            both[length] = '?';
            memcpy(both + length + 1, query->text, query->size);
            *text = both;
            *size = length + 1 + query->size;
        }
        return values_plain(aTHX_ values, source, *text, *size);
    case SOURCE_REFERER:
        *text = NULL;
        return &d->referer->value;
    case SOURCE_AGENT:
        *text = NULL;
        return &d->agent->value;
    case SOURCE_HOST:
        *text = NULL;
        return &d->host->value;
    case SOURCE_VHOST:
        *text = NULL;
        return &d->vhost->value;
    default:
        break;
    }
    const struct field *extra = &d->record.field[COLUMN_EXTRA1 + (source - SOURCE_EXTRA1)];
    *text = extra->text;
    *size = extra->size;
    return values_plain(aTHX_ values, source, extra->text, extra->size);
}

/* What the first of some patterns that matches has found; NULL when none does. */
static void *first_match(pTHX_ struct update_loop *loop, struct decision *d,
                         const unsigned *pattern, unsigned patterns)
{
    void *found = NULL;
    for (unsigned i = 0; i < patterns && !found; i++) {
        const char *text;
        size_t size = 0;
        struct value *value =
            value_of(aTHX_ loop, d, loop->values.pattern[pattern[i]].source, &text, &size);
        if (!text) {
            text = value->entry.key;
            size = value->entry.size;
        }
        found = values_match(aTHX_ & loop->values, pattern[i], value, text, size);
    }
    return found;
}

static enum loop_reason decide_sections(pTHX_ struct update_loop *loop, struct decision *d)
{
    for (unsigned i = 0; i < loop->sections; i++) {
        struct section *section = &loop->section[i];
        struct name *row = NULL;
        if (d->status->in_section[i] == '1' &&
            (section->conditions == 0 ||
             first_match(aTHX_ loop, d, section->condition, section->conditions)))
            row = first_match(aTHX_ loop, d, section->row, section->rows);
        loop->row[i] = row;
        if (row && HvUSEDKEYS(section->hash[HITS]) >= loop->rows_max &&
            !hv_exists_ent(section->hash[HITS], row->item.key, 0))
            return LOOP_SECTION_FULL;
    }
    return LOOP_NATIVE;
}

/* Looks its values up, and whether one of them is beyond us. */
static enum loop_reason decide_values(pTHX_ struct update_loop *loop, struct decision *d)
{
    struct values *values = &loop->values;
    const struct field *field = d->record.field;
    static const char visitor[] = "[CloudFlare_Visitor_IP";
    if (field[COLUMN_QUERY].size > sizeof visitor &&
        memmem(field[COLUMN_QUERY].text, field[COLUMN_QUERY].size, visitor, sizeof visitor - 1))
        return LOOP_ODD_QUERY; /* which is the host, to AWStats */
    d->url = values_url(aTHX_ values, &field[COLUMN_URL], &field[COLUMN_QUERY]);
    if (d->url->odd)
        return LOOP_ODD_URL;
    if (loop->queries_matter && (d->url->is & URL_OWN_QUERY))
        return LOOP_ODD_QUERY;
    d->status = values_status(aTHX_ values, &d->record);
    if (d->status->odd)
        return LOOP_ODD_STATUS;
    d->host = values_host(aTHX_ values, &field[COLUMN_HOST]);
    if (!values_host_domain(aTHX_ values, d->host))
        return LOOP_ODD_HOST;
    d->agent = values_agent(aTHX_ values, &field[COLUMN_AGENT]);
    d->referer = values_referer(aTHX_ values, &field[COLUMN_REFERER]);
    return LOOP_NATIVE;
}

/* What becomes of a record that AWStats approves of. */
static enum loop_reason decide_approved(pTHX_ struct update_loop *loop, struct decision *d)
{
    enum loop_reason reason = LOOP_NATIVE;
    if (d->moment->break_time > loop->break_time)
        return LOOP_BREAK;
    if (loop->since_flush + 1 >= RECORDS_BETWEEN_FLUSHES)
        return LOOP_FLUSH;
    decide_outcome(d);
    if (viewed(d))
        reason = decide_agent(aTHX_ loop, d);
    if (!reason && viewed(d))
        reason = decide_visit(aTHX_ loop, d);
    if (!reason)
        reason = decide_sections(aTHX_ loop, d);
    if (!reason && viewed(d))
        reason = decide_origin(aTHX_ loop, d); /* the last one: see struct server */
    return reason;
}

static enum loop_reason decide(pTHX_ struct update_loop *loop, struct decision *d)
{
    struct values *values = &loop->values;
    const struct field *field = d->record.field;
    d->action = DROP;
    d->vhost = values_vhost(aTHX_ values, &field[COLUMN_VHOST]);
    if (!d->vhost->counted)
        return LOOP_NATIVE;
    if (!method_counts(loop, &field[COLUMN_METHOD]))
        return LOOP_METHOD;
    d->moment = values_moment(aTHX_ values, &d->record);
    if (d->moment->odd)
        return LOOP_TIME;
    d->time = d->moment->time + d->record.second +
              (values->ask[ASK_TIME] ? 0 : (UV)d->record.minute * 100);
    if (d->time > loop->tomorrow)
        return LOOP_TIME;
    if (!loop->new_phase) {
        d->action = PASS_OLD;
        return d->time <= loop->last_line ? LOOP_NATIVE : LOOP_FIRST;
    }
    if ((NV)d->time < (NV)loop->last_line - loop->tolerance)
        return LOOP_TIME;
    enum loop_reason reason = decide_values(aTHX_ loop, d);
    if (reason)
        return reason;
    if (lists_drop(aTHX_ loop, d))
        return LOOP_NATIVE;
    d->action = COUNT;
    return decide_approved(aTHX_ loop, d);
}

/* ---- counting ---- */

static void set_time(pTHX_ SV *sv, UV time)
{
    sv_setiv(sv, (IV)time);
}

static void count_in(pTHX_ struct update_loop *loop, struct item *item, enum tally tally,
                     unsigned slot)
{
    count_one(aTHX_ counter(aTHX_ & loop->counters, item, tally, slot));
}

static void add_to(pTHX_ struct update_loop *loop, struct item *item, enum tally tally, UV bytes)
{
    count_add(aTHX_ counter(aTHX_ & loop->counters, item, tally, BYTES), bytes);
}

static void count_hour(pTHX_ struct update_loop *loop, const struct decision *d, enum hourly what)
{
    count_one(aTHX_ counter_of_hour(aTHX_ & loop->counters, what, d->moment->hour));
}

static void add_to_hour(pTHX_ struct update_loop *loop, const struct decision *d, enum hourly what,
                        UV bytes)
{
    count_add(aTHX_ counter_of_hour(aTHX_ & loop->counters, what, d->moment->hour), bytes);
}

static bool is_page(const struct decision *d)
{
    return d->url->is & URL_PAGE;
}

/* Traffic of which AWStats says that nobody viewed it. */
static void count_not_viewed(pTHX_ struct update_loop *loop, const struct decision *d)
{
    if (is_page(d))
        count_hour(aTHX_ loop, d, HOUR_OTHER_PAGES);
    count_hour(aTHX_ loop, d, HOUR_OTHER_HITS);
    add_to_hour(aTHX_ loop, d, HOUR_OTHER_BYTES, d->bytes);
}

static void count_favicon(pTHX_ struct update_loop *loop, const struct decision *d)
{
    static const char name[] = "AddToFavourites";
    bool found = d->record.status != 404;
    if (found) {
        struct name *favourites =
            values_name(aTHX_ & loop->values, NAME_MISC, name, sizeof name - 1);
        count_in(aTHX_ loop, &favourites->item, TALLY_MISC, HITS);
    }
    count_hour(aTHX_ loop, d, HOUR_OTHER_HITS);
    if (found)
        add_to_hour(aTHX_ loop, d, HOUR_OTHER_BYTES, d->bytes);
}

static void count_worm(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct item *item = &d->url->worm->item;
    count_in(aTHX_ loop, item, TALLY_WORM, HITS);
    add_to(aTHX_ loop, item, TALLY_WORM, d->bytes);
    set_time(aTHX_ counter(aTHX_ & loop->counters, item, TALLY_WORM, LAST), d->time);
    count_not_viewed(aTHX_ loop, d);
}

/* A value without what URLQuerySeparators begin, as the table of error pages has it. */
static SV *cut(pTHX_ const struct update_loop *loop, const struct field *field)
{
    size_t size = 0;
    while (size < field->size && (loop->error_referers_whole ||
                                  !loop->values.separator[(unsigned char)field->text[size]]))
        size++;
    return sv_2mortal(newSVpvn(field->text, size));
}

static void count_error(pTHX_ struct update_loop *loop, const struct decision *d)
{
    const struct counters *counters = &loop->counters;
    SV *code = d->status->trapped, *url = d->url->error_key;
    count_in(aTHX_ loop, &d->status->item, TALLY_ERROR, HITS);
    add_to(aTHX_ loop, &d->status->item, TALLY_ERROR, d->bytes);
    if (code) {
        count_one(aTHX_ counter_below(aTHX_ counters->error_url, code, url));
        if (loop->error_referers)
            sv_setsv(counter_below(aTHX_ counters->error_referer, code, url),
                     cut(aTHX_ loop, &d->record.field[COLUMN_REFERER]));
        if (loop->error_hosts)
            sv_setsv(counter_below(aTHX_ counters->error_host, code, url),
                     cut(aTHX_ loop, &d->record.field[COLUMN_HOST]));
    }
    count_not_viewed(aTHX_ loop, d);
}

static void count_robot(pTHX_ struct update_loop *loop, const struct decision *d, struct item *item)
{
    count_in(aTHX_ loop, item, TALLY_ROBOT, HITS);
    add_to(aTHX_ loop, item, TALLY_ROBOT, d->bytes);
    set_time(aTHX_ counter(aTHX_ & loop->counters, item, TALLY_ROBOT, LAST), d->time);
    if (d->url->is & URL_ROBOTS_TXT)
        count_in(aTHX_ loop, item, TALLY_ROBOT, ROBOT_TXT);
    count_not_viewed(aTHX_ loop, d);
}

static void count_download(pTHX_ struct update_loop *loop, const struct decision *d)
{
    HV *downloads = loop->counters.downloads;
    SV *path = d->url->path;
    count_one(aTHX_ counter_below(aTHX_ downloads, path, loop->download_hits));
    count_add(aTHX_ counter_below(aTHX_ downloads, path, loop->download_size), d->bytes);
}

/* AWStats adds the bytes of a part to its day and hour here, and again when it turns out to be
 * viewed. */
static void count_part(pTHX_ struct update_loop *loop, const struct decision *d)
{
    HV *downloads = loop->counters.downloads;
    SV *path = d->url->path;
    UV bytes = loop->partial_once ? 0 : d->bytes;
    count_add(aTHX_ counter_below(aTHX_ downloads, path, loop->download_size), d->bytes);
    count_one(aTHX_ counter_below(aTHX_ downloads, path, loop->download_partial));
    add_to(aTHX_ loop, &d->moment->day, TALLY_DAY, bytes);
    add_to_hour(aTHX_ loop, d, HOUR_BYTES, bytes);
}

/* AWStats saves only days that have a number of hits. */
static void give_day_hits(pTHX_ struct update_loop *loop, const struct decision *d)
{
    SV *bytes = counter(aTHX_ & loop->counters, &d->moment->day, TALLY_DAY, BYTES);
    if (d->bytes == 0 || !SvTRUE(bytes))
        return;
    SV *hits = counter(aTHX_ & loop->counters, &d->moment->day, TALLY_DAY, HITS);
    if (!SvTRUE(hits))
        sv_setiv(hits, 0);
}

static void count_page(pTHX_ struct update_loop *loop, const struct decision *d)
{
    SV *first = counter(aTHX_ & loop->counters, &loop->break_item, TALLY_BREAK, BREAK_FIRST);
    SV *last = counter(aTHX_ & loop->counters, &loop->break_item, TALLY_BREAK, BREAK_LAST);
    if (!SvTRUE(first))
        set_time(aTHX_ first, d->time);
    set_time(aTHX_ last, d->time);
    count_in(aTHX_ loop, &d->moment->day, TALLY_DAY, PAGES);
    count_in(aTHX_ loop, &d->url->item, TALLY_URL, PAGES);
    add_to(aTHX_ loop, &d->url->item, TALLY_URL, d->bytes);
    count_hour(aTHX_ loop, d, HOUR_PAGES);
}

static void set_waiting(pTHX_ struct update_loop *loop, struct host *host, unsigned slot, SV *value)
{
    SV *sv = counter(aTHX_ & loop->counters, &host->waiting, TALLY_WAITING, slot);
    sv_setsv(sv, value ? value : &PL_sv_undef);
}

/* The visit before this record is over: its last page is an exit, the record's an entry. */
static void end_visit(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct counters *counters = &loop->counters;
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
        struct name *range = values_session(aTHX_ & loop->values, SvUV(start), SvUV(last));
        count_in(aTHX_ loop, &range->item, TALLY_SESSION, HITS);
    }
}

static void enter_visit(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct item *waiting = &d->host->waiting;
    SV *start = counter_if_any(aTHX_ & loop->counters, waiting, TALLY_WAITING, WAITING_START);
    if (!start || !SvTRUE(start))
        set_waiting(aTHX_ loop, d->host, WAITING_ENTRY, d->url->item.key);
}

static void set_visit(pTHX_ struct update_loop *loop, const struct decision *d, unsigned slot)
{
    SV *sv = counter(aTHX_ & loop->counters, &d->host->visit, TALLY_VISIT, slot);
    if (slot == VISIT_URL)
        sv_setsv(sv, d->url->item.key);
    else
        set_time(aTHX_ sv, d->time);
}

static void count_visit(pTHX_ struct update_loop *loop, const struct decision *d)
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

static void count_host(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct host *host = d->host;
    struct item *domain = &host->domain->item;
    if (loop->values.ask[ASK_SECTIONS]) {
        sv_setsv(loop->awstats.agent, d->agent->text);
        values_tell(aTHX_ & loop->values, ASK_SECTIONS, sv_2mortal(newSVsv(host->hits.key)));
    }
    if (is_page(d))
        count_in(aTHX_ loop, domain, TALLY_DOMAIN, PAGES);
    if (d->outcome != PARTIAL)
        count_in(aTHX_ loop, domain, TALLY_DOMAIN, HITS);
    add_to(aTHX_ loop, domain, TALLY_DOMAIN, d->bytes);
    if (is_page(d)) {
        count_visit(aTHX_ loop, d);
        count_in(aTHX_ loop, &host->hits, TALLY_HOST, PAGES);
    }
    count_in(aTHX_ loop, &host->hits, TALLY_HOST, HITS);
    add_to(aTHX_ loop, &host->hits, TALLY_HOST, d->bytes);
}

static void count_viewer(pTHX_ struct update_loop *loop, const struct decision *d,
                         struct name *name, enum tally tally, bool unknown, unsigned unknown_slot)
{
    if (!name)
        return;
    count_in(aTHX_ loop, &name->item, tally, HITS);
    if (is_page(d))
        count_in(aTHX_ loop, &name->item, tally, PAGES);
    if (unknown)
        set_time(aTHX_ counter(aTHX_ & loop->counters, &d->agent->unknown, TALLY_UNKNOWN_AGENT,
                               unknown_slot),
                 d->time);
}

static void count_origin(pTHX_ struct update_loop *loop, const struct decision *d)
{
    bool page = is_page(d);
    if (page)
        count_one(aTHX_ counter_of_origin(aTHX_ & loop->counters, PAGES, d->origin));
    count_one(aTHX_ counter_of_origin(aTHX_ & loop->counters, HITS, d->origin));
    if (d->origin != ORIGIN_ENGINE && d->origin != ORIGIN_LINK)
        return;
    bool engine = d->origin == ORIGIN_ENGINE;
    struct item *item = engine ? &d->referer->server->engine->item : &d->referer->page;
    enum tally tally = engine ? TALLY_ENGINE : TALLY_PAGE_REFERER;
    if (page)
        count_in(aTHX_ loop, item, tally, PAGES);
    count_in(aTHX_ loop, item, tally, HITS);
    struct item *phrase = engine && page ? values_phrase(aTHX_ & loop->values, d->referer) : NULL;
    if (phrase)
        count_in(aTHX_ loop, phrase, TALLY_PHRASE, HITS);
}

static void count_viewed(pTHX_ struct update_loop *loop, const struct decision *d)
{
    bool hit = d->outcome != PARTIAL;
    if (loop->file_types) {
        struct item *type = &d->url->file_type->item;
        if (hit)
            count_in(aTHX_ loop, type, TALLY_FILE_TYPE, HITS);
        add_to(aTHX_ loop, type, TALLY_FILE_TYPE, d->bytes);
    }
    if (is_page(d))
        count_page(aTHX_ loop, d);
    if (hit) {
        count_hour(aTHX_ loop, d, HOUR_HITS);
        count_in(aTHX_ loop, &d->moment->day, TALLY_DAY, HITS);
    }
    add_to_hour(aTHX_ loop, d, HOUR_BYTES, d->bytes);
    add_to(aTHX_ loop, &d->moment->day, TALLY_DAY, d->bytes);
    count_host(aTHX_ loop, d);
    count_viewer(aTHX_ loop, d, d->agent->browser, TALLY_BROWSER, d->agent->unknown_browser,
                 UNKNOWN_BROWSER);
    count_viewer(aTHX_ loop, d, d->agent->os, TALLY_OS, d->agent->unknown_os, UNKNOWN_OS);
    count_origin(aTHX_ loop, d);
}

static void count_edge(pTHX_ struct update_loop *loop, const struct decision *d)
{
    const struct field *field = &d->record.field[COLUMN_EDGE];
    struct name *edge = values_name(aTHX_ & loop->values, NAME_EDGE, field->text, field->size);
    if (is_page(d))
        count_in(aTHX_ loop, &edge->item, TALLY_EDGE, PAGES);
    count_in(aTHX_ loop, &edge->item, TALLY_EDGE, HITS);
    add_to(aTHX_ loop, &edge->item, TALLY_EDGE, d->bytes);
}

static void count_sections(pTHX_ struct update_loop *loop, const struct decision *d)
{
    for (unsigned i = 0; i < loop->sections; i++) {
        const struct section *section = &loop->section[i];
        struct name *row = loop->row[i];
        if (!row)
            continue;
        const struct counters *counters = &loop->counters;
        if (section->pages && is_page(d))
            count_one(aTHX_ counter_in(aTHX_ counters, &row->item, section->hash, PAGES));
        count_one(aTHX_ counter_in(aTHX_ counters, &row->item, section->hash, HITS));
        if (section->bytes)
            count_add(aTHX_ counter_in(aTHX_ counters, &row->item, section->hash, BYTES), d->bytes);
        if (section->last)
            set_time(aTHX_ counter_in(aTHX_ counters, &row->item, section->hash, LAST), d->time);
    }
}

static void count(pTHX_ struct update_loop *loop, const struct decision *d)
{
    static const char unknown[] = "unknown";
    if (d->partial)
        count_part(aTHX_ loop, d);
    if (d->status->valid && d->outcome != FAVICON && d->outcome != WORM &&
        d->record.status == 200 && (d->url->is & URL_DOWNLOAD) && !(d->url->is & URL_NO_DOWNLOAD))
        count_download(aTHX_ loop, d);
    switch (d->outcome) {
    case FAVICON:
        count_favicon(aTHX_ loop, d);
        break;
    case WORM:
        count_worm(aTHX_ loop, d);
        break;
    case ERROR:
        count_error(aTHX_ loop, d);
        break;
    case ROBOT:
        count_robot(aTHX_ loop, d, &d->agent->robot->item);
        break;
    case ROBOTS_TXT:
        count_robot(
            aTHX_ loop, d,
            &values_name(aTHX_ & loop->values, NAME_ROBOT, unknown, sizeof unknown - 1)->item);
        break;
    case VIEWED:
    case PARTIAL:
        count_viewed(aTHX_ loop, d);
        break;
    }
    if (d->partial && loop->partial_once)
        give_day_hits(aTHX_ loop, d);
    count_edge(aTHX_ loop, d);
    if (loop->sizes)
        count_in(aTHX_ loop, &values_size(aTHX_ & loop->values, d->bytes)->item, TALLY_SIZE, HITS);
    count_sections(aTHX_ loop, d);
}

/* ---- from and to awstats.pl ---- */

void loop_enter(pTHX_ struct update_loop *loop)
{
    const struct awstats *awstats = &loop->awstats;
    loop->last_line = SvUV(awstats->last_line);
    loop->tomorrow = SvUV(awstats->tomorrow);
    loop->tolerance = SvNV(awstats->tolerance);
    loop->new_phase = SvTRUE(awstats->new_phase);
    loop->since_flush = SvUV(awstats->since_flush);
    loop->break_time = SvUV(awstats->break_time);

    STRLEN size;
    const char *text = SvPV_const(awstats->break_time, size);
    SV *key = loop->break_item.key;
    if (!key || SvCUR(key) != size || memcmp(SvPVX_const(key), text, size) != 0) {
        item_free(aTHX_ & loop->break_item);
        loop->break_item = (struct item){0};
        item_init(aTHX_ & loop->break_item, text, size);
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
    if (loop->last_line != SvUV(awstats->last_line))
        sv_setuv(awstats->last_line, loop->last_line);
    sv_setuv(awstats->since_flush, loop->since_flush);
}

void loop_forget(struct update_loop *loop)
{
    counters_forget(&loop->counters);
}

static enum loop_reason take(pTHX_ struct update_loop *loop, const char *line, size_t size)
{
    struct decision d;
    if (!record_split(&d.record, line, size))
        return LOOP_ODD_RECORD;
    enum loop_reason reason = decide(aTHX_ loop, &d);
    if (reason == LOOP_AGENT && loop->values.ask[ASK_NEW_AGENT])
        values_tell(aTHX_ & loop->values, ASK_NEW_AGENT, d.agent->text);
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

enum loop_reason loop_count(pTHX_ struct update_loop *loop, const char *line, size_t size)
{
    if (loop->until_look-- == 0) {
        loop->until_look = RECORDS_BETWEEN_LOOKS;
        if (values_known(&loop->values) > VALUES_MAX)
            values_clear(aTHX_ & loop->values);
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

/* ---- beginning and end ---- */

static SV *setting_of(pTHX_ HV *setting, const char *name)
{
    SV **sv = hv_fetch(setting, name, (I32)strlen(name), 0);
    return sv && SvOK(*sv) ? *sv : NULL;
}

static bool flag(pTHX_ HV *setting, const char *name)
{
    SV *sv = setting_of(aTHX_ setting, name);
    return sv && SvTRUE(sv);
}

static UV number(pTHX_ HV *setting, const char *name)
{
    SV *sv = setting_of(aTHX_ setting, name);
    return sv ? SvUV(sv) : 0;
}

static SV *variable(pTHX_ const char *name)
{
    return SvREFCNT_inc(get_sv(name, GV_ADD));
}

/* What a reference among the settings refers to. */
static SV *referred(pTHX_ HV *setting, const char *name)
{
    SV *sv = setting_of(aTHX_ setting, name);
    if (!sv || !SvROK(sv))
        Perl_croak(aTHX_ "%s is not a reference", name);
    return SvREFCNT_inc(SvRV(sv));
}

static AV *array(pTHX_ HV *setting, const char *name)
{
    SV *sv = setting_of(aTHX_ setting, name);
    if (!sv || !SvROK(sv) || SvTYPE(SvRV(sv)) != SVt_PVAV)
        Perl_croak(aTHX_ "%s is not an array", name);
    return (AV *)SvRV(sv);
}

static unsigned length(pTHX_ AV *list)
{
    return (unsigned)(av_len(list) + 1);
}

static void *allocate(pTHX_ unsigned count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        Perl_croak(aTHX_ "out of memory");
    return memory;
}

static enum source source_of(pTHX_ const char *name)
{
    static const char *const fixed[] = {"URL", "QUERY_STRING", "URLWITHQUERY", "REFERER",
                                        "UA",  "HOST",         "VHOST"};
    for (unsigned i = 0; i < SOURCE_EXTRA1; i++) {
        if (strcmp(name, fixed[i]) == 0)
            return (enum source)i;
    }
    int extra = strncmp(name, "extra", 5) == 0 ? atoi(name + 5) : 0;
    if (extra < 1 || extra > 12)
        Perl_croak(aTHX_ "no source of values is called %s", name);
    return (enum source)(SOURCE_EXTRA1 + extra - 1);
}

/* Takes the patterns of a section, each the name of its source, into the list of all. */
static unsigned *take_patterns(pTHX_ struct update_loop *loop, AV *sources, struct table *rows)
{
    struct values *values = &loop->values;
    unsigned count = length(aTHX_ sources);
    unsigned *numbers = allocate(aTHX_ count, sizeof *numbers);
    for (unsigned i = 0; i < count; i++) {
        SV **name = av_fetch(sources, (SSize_t)i, 0);
        enum source source = source_of(aTHX_ name ? SvPV_nolen_const(*name) : "");
        numbers[i] = values->patterns;
        values->pattern[values->patterns++] = (struct pattern){
            .source = source, .index = values->patterns_of[source]++, .rows = rows};
        loop->queries_matter |= source == SOURCE_QUERY || source == SOURCE_URL_QUERY;
    }
    return numbers;
}

static HV *section_hash(pTHX_ UV section_number, char what)
{
    SV *name = sv_2mortal(newSVpvf("main::_section_%" UVuf "_%c", section_number, what));
    return get_hv(SvPVX(name), GV_ADD);
}

static void take_section(pTHX_ struct update_loop *loop, struct section *section, HV *setting)
{
    static const char letter[SLOTS] = {[PAGES] = 'p', [HITS] = 'h', [BYTES] = 'k', [LAST] = 'l'};
    AV *conditions = array(aTHX_ setting, "conditions"), *rows = array(aTHX_ setting, "rows");
    table_init(&section->names, sizeof(struct name), loop->values.vhosts.seed);
    section->conditions = length(aTHX_ conditions);
    section->condition = take_patterns(aTHX_ loop, conditions, NULL);
    section->rows = length(aTHX_ rows);
    section->row = take_patterns(aTHX_ loop, rows, &section->names);
    section->pages = flag(aTHX_ setting, "pages");
    section->bytes = flag(aTHX_ setting, "bytes");
    section->last = flag(aTHX_ setting, "last");
    for (unsigned slot = 0; slot < SLOTS; slot++)
        section->hash[slot] = section_hash(aTHX_ number(aTHX_ setting, "number"), letter[slot]);
}

static void take_sections(pTHX_ struct update_loop *loop, AV *settings)
{
    loop->sections = length(aTHX_ settings);
    loop->section = allocate(aTHX_ loop->sections, sizeof *loop->section);
    loop->row = allocate(aTHX_ loop->sections, sizeof(struct name *));
    for (unsigned pass = 0, patterns = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < loop->sections; i++) {
            SV **sv = av_fetch(settings, (SSize_t)i, 0);
            if (!sv || !SvROK(*sv) || SvTYPE(SvRV(*sv)) != SVt_PVHV)
                Perl_croak(aTHX_ "a section is not a hash");
            HV *setting = (HV *)SvRV(*sv);
            if (pass == 0)
                patterns += length(aTHX_ array(aTHX_ setting, "conditions")) +
                            length(aTHX_ array(aTHX_ setting, "rows"));
            else
                take_section(aTHX_ loop, &loop->section[i], setting);
        }
        if (pass == 0)
            loop->values.pattern = allocate(aTHX_ patterns, sizeof *loop->values.pattern);
    }
}

static void take_variables(pTHX_ struct awstats *awstats, HV *setting)
{
    awstats->lines = variable(aTHX_ "main::NbOfLinesParsed");
    awstats->new_lines = variable(aTHX_ "main::NbOfNewLines");
    awstats->old_lines = variable(aTHX_ "main::NbOfOldLines");
    awstats->dropped_lines = variable(aTHX_ "main::NbOfLinesDropped");
    awstats->last_line = variable(aTHX_ "main::LastLine");
    awstats->new_phase = variable(aTHX_ "main::NewLinePhase");
    awstats->tomorrow = variable(aTHX_ "main::tomorrowtime");
    awstats->tolerance = variable(aTHX_ "main::NOTSORTEDRECORDTOLERANCE");
    awstats->agent = variable(aTHX_ "main::UserAgent");
    awstats->since_flush = referred(aTHX_ setting, "since_flush");
    awstats->next_offset = referred(aTHX_ setting, "next_offset");
    awstats->break_time = referred(aTHX_ setting, "break_time");
}

struct update_loop *loop_new(pTHX_ HV *setting)
{
    struct update_loop *loop = allocate(aTHX_ 1, sizeof *loop);
    counters_init(aTHX_ & loop->counters);
    values_init(aTHX_ & loop->values, &loop->counters, setting);
    take_variables(aTHX_ & loop->awstats, setting);
    take_sections(aTHX_ loop, array(aTHX_ setting, "sections"));
    loop->web = flag(aTHX_ setting, "web");
    loop->file_types = flag(aTHX_ setting, "file_types");
    loop->robots = flag(aTHX_ setting, "robots");
    loop->referers = flag(aTHX_ setting, "referers");
    loop->partial_once = flag(aTHX_ setting, "partial_once");
    loop->error_referers = flag(aTHX_ setting, "error_referers");
    loop->error_hosts = flag(aTHX_ setting, "error_hosts");
    loop->sizes = flag(aTHX_ setting, "sizes");
    loop->error_referers_whole = loop->values.referer_with_query;
    loop->host_lists = (unsigned)number(aTHX_ setting, "host_lists");
    loop->visit_timeout = number(aTHX_ setting, "visit_timeout");
    loop->rows_max = number(aTHX_ setting, "rows_max");
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
    values_free(aTHX_ & loop->values);
    for (size_t i = 0; i < sizeof held / sizeof held[0]; i++)
        SvREFCNT_dec(held[i]);
    item_free(aTHX_ & loop->break_item);
    for (unsigned i = 0; i < loop->sections; i++) {
        free(loop->section[i].condition);
        free(loop->section[i].row);
    }
    free(loop->section);
    free(loop->row);
    free(loop->values.pattern);
    free(loop);
}
