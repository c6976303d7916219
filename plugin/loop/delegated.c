#include "loop/delegated.h"

#include <string.h>

#include "awstats/counters.h"
#include "awstats/variables.h"
#include "loop/counted.h"
#include "normalized/clock.h"

enum { DAY, MONTH, YEAR, HOUR, MINUTE, SECOND, DATE_PARTS }; /* in AWStats' order */
enum { STATUS_SIZE = 3 };

/* The numbers that tell what became of a record. */
struct snapshot {
    UV new_lines;                       /* $NbOfNewLines */
    UV day_bytes;                       /* $DayBytes{day} */
    UV hour_hits, hour_hits_not_viewed; /* $_time_h[hour], $_time_nv_h[hour] */
    UV errors;                          /* $_errors_h{status} */
};

struct delegated {
    struct counted counted;
    SV *new_lines, *change_time;
    HV *errors;
    AV *hour_hits, *hour_hits_not_viewed;

    /* The noted record: */
    bool is_noted;
    struct counted_record record;
    char status[STATUS_SIZE];
    struct snapshot before;
};

struct delegated *delegated_new(pTHX_ bool partial_once, SV *change_time)
{
    static const enum variable needed[] = {
        AWSTATS_NbOfNewLines, AWSTATS_DayBytes,   AWSTATS_DayHits,   AWSTATS__time_k,
        AWSTATS__time_h,      AWSTATS__time_nv_h, AWSTATS__errors_h,
    };
    struct variables variables, *found = &variables;
    variables_init(aTHX_ found);
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        variables_require(aTHX_ found, needed[i]);
    struct delegated *delegated;
    Newxz(delegated, 1, struct delegated);
    counted_init(&delegated->counted, found, partial_once);
    delegated->new_lines = SvREFCNT_inc(variables_scalar(found, AWSTATS_NbOfNewLines));
    delegated->errors = variables_hash(found, AWSTATS__errors_h);
    delegated->hour_hits = variables_array(found, AWSTATS__time_h);
    delegated->hour_hits_not_viewed = variables_array(found, AWSTATS__time_nv_h);
    delegated->change_time = change_time && SvOK(change_time) ? newSVsv(change_time) : NULL;
    delegated->record.day = newSVpvs("");
    return delegated;
}

void delegated_free(pTHX_ struct delegated *delegated)
{
    SvREFCNT_dec(delegated->new_lines);
    SvREFCNT_dec(delegated->change_time);
    SvREFCNT_dec(delegated->record.day);
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

/* Lets the timezone plugin change a time.  False if it returns none. */
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

/* Reads the status and time of a line.  False if it has no status that is wanted, or no time. */
static bool read_line(struct delegated *delegated, const char *line, size_t size,
                      const struct record *record, unsigned part[DATE_PARTS])
{
    struct field status;
    struct clock_date date;
    struct clock_time time;
    if (record)
        status = record->field[COLUMN_STATUS];
    else if (!record_find_column(line, size, COLUMN_STATUS, &status))
        return false;
    if (status.size != STATUS_SIZE || !counted_wants(&delegated->counted, status.text))
        return false;
    if (record) {
        date = record->date;
        time = record->time;
    } else if (!read_time(line, size, &date, &time)) {
        return false;
    }
    memcpy(delegated->status, status.text, STATUS_SIZE);
    part[YEAR] = date.year;
    part[MONTH] = date.month;
    part[DAY] = date.day;
    part[HOUR] = time.hour;
    part[MINUTE] = time.minute;
    part[SECOND] = time.second;
    return true;
}

/* ---- comparing AWStats' counters ---- */

static UV number_of(pTHX_ SV **sv)
{
    return sv && SvOK(*sv) && SvNV(*sv) > 0 ? SvUV(*sv) : 0;
}

static struct snapshot take_snapshot(pTHX_ const struct delegated *delegated)
{
    const struct counted *counted = &delegated->counted;
    const SSize_t hour = (SSize_t)delegated->record.hour;
    SV *new_lines = delegated->new_lines;
    HE *day = hv_fetch_ent(counted->day_bytes, delegated->record.day, 0, 0);
    SV *day_bytes = day ? HeVAL(day) : NULL;
    return (struct snapshot){
        .new_lines = number_of(aTHX_ & new_lines),
        .day_bytes = number_of(aTHX_ day ? &day_bytes : NULL),
        .hour_hits = number_of(aTHX_ av_fetch(delegated->hour_hits, hour, 0)),
        .hour_hits_not_viewed = number_of(aTHX_ av_fetch(delegated->hour_hits_not_viewed, hour, 0)),
        .errors = number_of(aTHX_ hv_fetch(delegated->errors, delegated->status, STATUS_SIZE, 0)),
    };
}

void delegated_begin(pTHX_ struct delegated *delegated, const char *line, size_t size,
                     const struct record *record)
{
    unsigned part[DATE_PARTS];
    struct counted_record *noted = &delegated->record;
    delegated->is_noted =
        read_line(delegated, line, size, record, part) &&
        (!delegated->change_time || change_time(aTHX_ delegated->change_time, part)) &&
        part[HOUR] < HOURS;
    if (!delegated->is_noted)
        return;
    noted->line = line;
    noted->size = size;
    noted->hour = part[HOUR];
    sv_setpvf(noted->day, "%04u%02u%02u", part[YEAR], part[MONTH], part[DAY]);
    delegated->before = take_snapshot(aTHX_ delegated);
}

/* Finds out what a counted record was counted as, by what changed since it was noted.  A partial
 * download adds its bytes to the day once for its status, and once more if it is viewed; it is no
 * hit. */
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

static bool was_counted(pTHX_ const struct delegated *delegated)
{
    SV *new_lines = delegated->new_lines;
    return number_of(aTHX_ & new_lines) > delegated->before.new_lines;
}

void delegated_settle(pTHX_ struct delegated *delegated)
{
    if (!delegated->is_noted)
        return;
    delegated->is_noted = false;
    if (!was_counted(aTHX_ delegated))
        return;
    compare(aTHX_ delegated, &delegated->record);
    counted_tell(aTHX_ & delegated->counted, &delegated->record);
}

/* awstats.pl has counted the record if it saves to flush, and has not if it saves because the
 * record begins a period. */
void delegated_before_save(pTHX_ struct delegated *delegated)
{
    if (delegated->is_noted && was_counted(aTHX_ delegated))
        delegated_settle(aTHX_ delegated);
}

void delegated_after_save(pTHX_ struct delegated *delegated)
{
    if (delegated->is_noted)
        delegated->before = take_snapshot(aTHX_ delegated);
}
