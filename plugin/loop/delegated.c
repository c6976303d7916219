#include "loop/delegated.h"

#include <string.h>

#include <strings.h>

#include "awstats/counters.h"
#include "awstats/settings.h"
#include "awstats/variables.h"
#include "loop/counted.h"
#include "loop/internal.h"
#include "normalized/clock.h"

enum { DAY, MONTH, YEAR, HOUR, MINUTE, SECOND, DATE_PARTS }; /* in AWStats' order */
enum { STATUS_SIZE = 3 };

/* AWStats treats an earlier time, YYYYMMDDhhmmss, as malformed: "Check date". */
static const NV FIRST_TIME = 1e13;

/* How many lines awstats.pl has read, by their outcomes. */
struct lines {
    UV parsed, counted, dropped, corrupted, old;
};

/* The numbers whose changes show how a record was counted. */
struct snapshot {
    UV day_bytes;                       /* $DayBytes{day} */
    UV hour_hits, hour_hits_not_viewed; /* $_time_h[hour], $_time_nv_h[hour] */
    UV errors;                          /* $_errors_h{status} */
};

struct delegated {
    struct counted counted;
    struct {
        SV *parsed, *counted, *dropped, *corrupted, *old;
    } lines;
    SV *last_line, *new_phase, *tomorrow, *tolerance;
    SV *change_time, *host_counts;
    bool web, lists;
    HV *errors;
    AV *hour_hits, *hour_hits_not_viewed;

    /* The noted record: */
    bool is_noted, is_wanted; /* wanted: by counted_wants() */
    struct counted_record record;
    char status[STATUS_SIZE]; /* this and the next member: only for a wanted record */
    struct snapshot before;
    struct lines lines_before;
    bool is_settled; /* by delegated_before_save(): the next delegated_settle() returns ITEM */
    struct tally_item item;
};

static SV *scalar(const struct variables *found, enum variable variable)
{
    return SvREFCNT_inc(variables_scalar(found, variable));
}

static SV *function(pTHX_ HV *settings, const char *name)
{
    SV *function = settings_get(aTHX_ settings, name);
    return function ? newSVsv(function) : NULL;
}

struct delegated *delegated_new(pTHX_ HV *settings)
{
    static const enum variable needed[] = {
        AWSTATS_NbOfLinesParsed,  AWSTATS_NbOfNewLines,
        AWSTATS_NbOfLinesDropped, AWSTATS_NbOfLinesCorrupted,
        AWSTATS_NbOfOldLines,     AWSTATS_LastLine,
        AWSTATS_NewLinePhase,     AWSTATS_tomorrowtime,
        AWSTATS_DayBytes,         AWSTATS_NOTSORTEDRECORDTOLERANCE,
        AWSTATS_DayHits,          AWSTATS__time_k,
        AWSTATS__time_h,          AWSTATS__time_nv_h,
        AWSTATS__errors_h,
    };
    struct variables variables, *found = &variables;
    variables_init(aTHX_ found);
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        variables_require(aTHX_ found, needed[i]);
    struct delegated *delegated;
    Newxz(delegated, 1, struct delegated);
    counted_init(&delegated->counted, found, settings_flag(aTHX_ settings, "partial_once"));
    delegated->lines.parsed = scalar(found, AWSTATS_NbOfLinesParsed);
    delegated->lines.counted = scalar(found, AWSTATS_NbOfNewLines);
    delegated->lines.dropped = scalar(found, AWSTATS_NbOfLinesDropped);
    delegated->lines.corrupted = scalar(found, AWSTATS_NbOfLinesCorrupted);
    delegated->lines.old = scalar(found, AWSTATS_NbOfOldLines);
    delegated->last_line = scalar(found, AWSTATS_LastLine);
    delegated->new_phase = scalar(found, AWSTATS_NewLinePhase);
    delegated->tomorrow = scalar(found, AWSTATS_tomorrowtime);
    delegated->tolerance = scalar(found, AWSTATS_NOTSORTEDRECORDTOLERANCE);
    delegated->errors = variables_hash(found, AWSTATS__errors_h);
    delegated->hour_hits = variables_array(found, AWSTATS__time_h);
    delegated->hour_hits_not_viewed = variables_array(found, AWSTATS__time_nv_h);
    delegated->change_time = function(aTHX_ settings, "change_time");
    delegated->host_counts = function(aTHX_ settings, "host_counts");
    delegated->web = settings_flag(aTHX_ settings, "web");
    delegated->lists = settings_flag(aTHX_ settings, "lists");
    delegated->record.day = newSVpvs("");
    return delegated;
}

void delegated_free(pTHX_ struct delegated *delegated)
{
    SV *const held[] = {
        delegated->lines.parsed,    delegated->lines.counted, delegated->lines.dropped,
        delegated->lines.corrupted, delegated->lines.old,     delegated->last_line,
        delegated->new_phase,       delegated->tomorrow,      delegated->tolerance,
        delegated->change_time,     delegated->host_counts,   delegated->record.day,
    };
    for (size_t i = 0; i < sizeof held / sizeof held[0]; i++)
        SvREFCNT_dec(held[i]);
    Safefree(delegated);
}

/* ---- reading a record ---- */

/* Reads the time that a line begins with, as record_split() does, but also a leap second. */
static bool read_time(const char *line, size_t size, struct clock_date *date,
                      struct clock_time *time)
{
    const size_t time_at = CLOCK_DATE_SIZE + 1;
    return size > time_at + CLOCK_TIME_SIZE && clock_read_date(line, CLOCK_DATE_SIZE, date) &&
           clock_read_time(line + time_at, CLOCK_TIME_SIZE, time);
}

/* Lets the timezone plugin change a time.  Returns false if the plugin returns none. */
static bool change_time(pTHX_ SV *function, unsigned part[DATE_PARTS])
{
    AV *date = newAV();
    for (unsigned i = 0; i < DATE_PARTS; i++)
        av_push(date, newSVuv(part[i]));
    dSP;
    ENTER;
    SAVETMPS;
    PUSHMARK(SP);
    mXPUSHs(newRV_noinc((SV *)date));
    PUTBACK;
    SSize_t count = call_sv(function, G_LIST);
    SPAGAIN;
    for (SSize_t i = count; i > 0; i--) {
        SV *sv = POPs;
        if (i <= DATE_PARTS)
            part[i - 1] = (unsigned)SvUV(sv);
    }
    PUTBACK;
    FREETMPS;
    LEAVE;
    return count >= DATE_PARTS;
}

/* Reads the time of a line, in AWStats' time zone.  Returns false if the line has none. */
static bool read_parts(pTHX_ const struct delegated *delegated, const char *line, size_t size,
                       unsigned part[DATE_PARTS])
{
    struct clock_date date;
    struct clock_time time;
    if (!read_time(line, size, &date, &time))
        return false;
    part[YEAR] = date.year;
    part[MONTH] = date.month;
    part[DAY] = date.day;
    part[HOUR] = time.hour;
    part[MINUTE] = time.minute;
    part[SECOND] = time.second;
    return !delegated->change_time || change_time(aTHX_ delegated->change_time, part);
}

/* Reads the status of a line.  Returns false if counted_wants() does not want it. */
static bool read_status(struct delegated *delegated, const char *line, size_t size)
{
    struct field status;
    if (!column_get(line, size, COLUMN_STATUS, &status) || status.size != STATUS_SIZE ||
        !counted_wants(&delegated->counted, status.text))
        return false;
    memcpy(delegated->status, status.text, STATUS_SIZE);
    return true;
}

/* ---- comparing AWStats' counters ---- */

static UV number_of(pTHX_ SV **sv)
{
    return sv && SvOK(*sv) && SvNV(*sv) > 0 ? SvUV(*sv) : 0;
}

static struct lines take_lines(pTHX_ const struct delegated *delegated)
{
    SV *parsed = delegated->lines.parsed, *counted = delegated->lines.counted;
    SV *dropped = delegated->lines.dropped, *corrupted = delegated->lines.corrupted;
    SV *old = delegated->lines.old;
    return (struct lines){
        .parsed = number_of(aTHX_ & parsed),
        .counted = number_of(aTHX_ & counted),
        .dropped = number_of(aTHX_ & dropped),
        .corrupted = number_of(aTHX_ & corrupted),
        .old = number_of(aTHX_ & old),
    };
}

static struct snapshot take_snapshot(pTHX_ const struct delegated *delegated)
{
    const struct counted *counted = &delegated->counted;
    const SSize_t hour = (SSize_t)delegated->record.hour;
    HE *day = hv_fetch_ent(counted->day_bytes, delegated->record.day, 0, 0);
    SV *day_bytes = day ? HeVAL(day) : NULL;
    return (struct snapshot){
        .day_bytes = number_of(aTHX_ day ? &day_bytes : NULL),
        .hour_hits = number_of(aTHX_ av_fetch(delegated->hour_hits, hour, 0)),
        .hour_hits_not_viewed = number_of(aTHX_ av_fetch(delegated->hour_hits_not_viewed, hour, 0)),
        .errors = number_of(aTHX_ hv_fetch(delegated->errors, delegated->status, STATUS_SIZE, 0)),
    };
}

void delegated_begin(pTHX_ struct delegated *delegated, const char *line, size_t size)
{
    unsigned part[DATE_PARTS];
    struct counted_record *noted = &delegated->record;
    noted->line = line;
    noted->size = size;
    delegated->is_noted = true;
    delegated->lines_before = take_lines(aTHX_ delegated);
    delegated->is_wanted = read_status(delegated, line, size) &&
                           read_parts(aTHX_ delegated, line, size, part) && part[HOUR] < HOURS;
    if (!delegated->is_wanted)
        return;
    noted->hour = part[HOUR];
    sv_setpvf(noted->day, "%04u%02u%02u", part[YEAR], part[MONTH], part[DAY]);
    delegated->before = take_snapshot(aTHX_ delegated);
}

/* Finds out how a record was counted, by the changes since delegated_begin().  A partial download adds its
 * bytes to the day once for its status, and once more if it is viewed; it does not count as a hit. */
static void compare(pTHX_ const struct delegated *delegated, struct counted_record *record)
{
    const struct snapshot before = delegated->before, now = take_snapshot(aTHX_ delegated);
    const UV bytes = now.day_bytes > before.day_bytes ? now.day_bytes - before.day_bytes : 0;
    const bool is_viewed = now.hour_hits_not_viewed == before.hour_hits_not_viewed;
    const bool is_partial = memcmp(delegated->status, "206", STATUS_SIZE) == 0 &&
                            now.hour_hits == before.hour_hits && (is_viewed || bytes > 0);
    if (now.errors > before.errors)
        record->as = COUNTED_ERROR;
    else if (!is_viewed)
        record->as = COUNTED_OTHER;
    else
        record->as = is_partial ? COUNTED_PARTIAL : COUNTED_VIEWED;
    record->excess = !is_partial ? 0 : is_viewed ? bytes / 2 : bytes;
}

/* ---- why a record was left out ---- */

/* Whether AWStats counts a method: "Drop wrong method/protocol", with the spellings that only
 * awstats.pl counts. */
static bool method_counts(const struct delegated *delegated, const struct field *method)
{
    static const char *const any_case[] = {"GET", "MMS", "RTSP", "HTTP", "RTP"};
    for (size_t i = 0; i < sizeof any_case / sizeof any_case[0]; i++) {
        if (method->size == strlen(any_case[i]) &&
            strncasecmp(method->text, any_case[i], method->size) == 0)
            return true;
    }
    return decide_method_counts(delegated->web, method);
}

static bool host_counts(pTHX_ const struct delegated *delegated, const struct field *host)
{
    if (!delegated->host_counts)
        return false;
    dSP;
    ENTER;
    SAVETMPS;
    PUSHMARK(SP);
    mXPUSHp(host->text, host->size);
    PUTBACK;
    call_sv(delegated->host_counts, G_SCALAR);
    SPAGAIN;
    SV *result = POPs;
    const bool counts = SvTRUE(result);
    PUTBACK;
    FREETMPS;
    LEAVE;
    return counts;
}

/* Finds out why awstats.pl dropped a record: in its order, host, method, lists. */
static struct tally_item why_dropped(pTHX_ const struct delegated *delegated)
{
    const struct counted_record *record = &delegated->record;
    struct field host, method;
    if (!column_get(record->line, record->size, COLUMN_HOST, &host) ||
        !column_get(record->line, record->size, COLUMN_METHOD, &method))
        return (struct tally_item){.figure = FIGURE_UNREADABLE};
    if (!host_counts(aTHX_ delegated, &host))
        return (struct tally_item){FIGURE_HOST, host};
    if (!delegated->lists || !method_counts(delegated, &method))
        return (struct tally_item){FIGURE_METHOD, method};
    return (struct tally_item){.figure = FIGURE_LISTS};
}

/* Finds out why awstats.pl counts a record as corrupted: "Check date", or the format. */
static enum figure why_corrupted(pTHX_ const struct delegated *delegated)
{
    const struct counted_record *record = &delegated->record;
    unsigned part[DATE_PARTS];
    if (!read_parts(aTHX_ delegated, record->line, record->size, part))
        return FIGURE_UNREADABLE;
    NV time = 0;
    static const unsigned order[] = {YEAR, MONTH, DAY, HOUR, MINUTE, SECOND};
    for (size_t i = 0; i < DATE_PARTS; i++)
        time = time * 100 + part[order[i]];
    if (time > SvNV(delegated->tomorrow))
        return FIGURE_FUTURE;
    const bool is_late = SvTRUE(delegated->new_phase) && time >= FIRST_TIME &&
                         time < SvNV(delegated->last_line) - SvNV(delegated->tolerance);
    return is_late ? FIGURE_LATE : FIGURE_UNREADABLE;
}

/* ---- settling ---- */

/* Returns the outcome of the record, by the numbers of lines since LINES_BEFORE. */
static struct tally_item settle(pTHX_ struct delegated *delegated)
{
    const struct lines before = delegated->lines_before, now = take_lines(aTHX_ delegated);
    delegated->is_noted = false;
    if (now.counted > before.counted) {
        if (delegated->is_wanted) {
            compare(aTHX_ delegated, &delegated->record);
            counted_tell(aTHX_ & delegated->counted, &delegated->record);
        }
        return (struct tally_item){.figure = FIGURE_COUNTED};
    }
    if (now.dropped > before.dropped)
        return why_dropped(aTHX_ delegated);
    if (now.corrupted > before.corrupted)
        return (struct tally_item){.figure = why_corrupted(aTHX_ delegated)};
    if (now.old > before.old)
        return (struct tally_item){.figure = FIGURE_OLD};
    /* The line was only parsed: awstats.pl took it for a comment or a blank line. */
    return (struct tally_item){.figure = now.parsed > before.parsed ? FIGURE_UNREADABLE : FIGURES};
}

void delegated_settle(pTHX_ struct delegated *delegated, struct tally_item *item)
{
    *item = (struct tally_item){.figure = FIGURES};
    if (delegated->is_settled)
        *item = delegated->item;
    else if (delegated->is_noted)
        *item = settle(aTHX_ delegated);
    delegated->is_settled = false;
}

/* If awstats.pl saves to free memory, it has counted the record.  If it saves because the record begins a period,
 * it has not. */
void delegated_before_save(pTHX_ struct delegated *delegated)
{
    if (!delegated->is_noted ||
        take_lines(aTHX_ delegated).counted <= delegated->lines_before.counted)
        return;
    delegated->item = settle(aTHX_ delegated);
    delegated->is_settled = true;
}

void delegated_after_save(pTHX_ struct delegated *delegated)
{
    if (delegated->is_noted && delegated->is_wanted)
        delegated->before = take_snapshot(aTHX_ delegated);
}
