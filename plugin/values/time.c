#include "values/time.h"

#include "awstats/scalar.h"
#include "values/internal.h"

enum { YEAR, MONTH, DAY, HOUR, MINUTE, DATE_PARTS };

/* Calls the timezone plugin (AWStats' hook ChangeTime).  Returns false if the plugin's result is unsupported. */
static bool change_time(pTHX_ const struct values *values, unsigned part[DATE_PARTS])
{
    SV *argument[DATE_PARTS];
    unsigned results;
    for (unsigned i = 0; i < DATE_PARTS; i++)
        argument[i] = sv_2mortal(newSVuv(part[i]));
    SV **result = values_call(aTHX_ values, CALLBACK_TIME, argument, DATE_PARTS, &results);
    bool changed = results == DATE_PARTS;
    for (unsigned i = 0; changed && i < DATE_PARTS; i++)
        part[i] = (unsigned)SvUV(result[i]);
    values_call_end(aTHX);
    return changed && record_date_exists(part[YEAR], part[MONTH], part[DAY]) &&
           part[HOUR] < HOURS && part[MINUTE] < 60;
}

/* Mirrors the update loop where it makes $timerecord, $daterecord and $hourrecord of @dateparts. */
struct moment *values_moment(pTHX_ struct values *values, const struct record *record)
{
    const char *text = record_field(record, COLUMN_DATE).text; /* YYYY-MM-DD TAB hh:mm:ss */
    bool changes = values->callback[CALLBACK_TIME] != NULL;
    size_t size = changes ? strlen("YYYY-MM-DD hh:mm") : strlen("YYYY-MM-DD hh");
    struct moment *moment = values_entry(values, &values->moments, text, size);
    if (moment->classified)
        return moment;
    if (values_are_alone(values))
        return NULL;
    unsigned part[DATE_PARTS] = {record->date.year, record->date.month, record->date.day,
                                 record->time.hour, changes ? record->time.minute : 0};
    moment->unsupported = changes && !change_time(aTHX_ values, part);
    if (!moment->unsupported) {
        UV day = ((UV)part[YEAR] * 100 + part[MONTH]) * 100 + part[DAY];
        moment->time = ((day * 100 + part[HOUR]) * 100 + part[MINUTE]) * 100;
        moment->period = moment->time / values->period_divisor;
        moment->hour = part[HOUR];
        char key[24];
        int length = snprintf(key, sizeof key, "%" UVuf, day);
        moment->day = counters_key_new(aTHX_ key, (size_t)length);
    }
    moment->classified = true;
    return moment;
}

UV values_period(const struct values *values, const char *line)
{
    static const unsigned char digit[] = {0, 1, 2, 3, 5, 6, 8, 9, 11, 12};
    UV time = 0;
    for (size_t i = 0; i < sizeof digit; i++)
        time = time * 10 + (UV)(line[digit[i]] - '0');
    return time * 10000 / values->period_divisor;
}

/* Removes the last two digits from a number, and returns them. */
static unsigned last_two(UV *number)
{
    unsigned digits = (unsigned)(*number % 100);
    *number /= 100;
    return digits;
}

/* Converts a time of scalar_read_time() to seconds since 1970, from local time as GetSessionRange does.  Returns
 * false for a malformed time, and for a time in an hour that does not have 3600 seconds. */
static bool read_epoch(pTHX_ struct values *values, UV time, IV *seconds)
{
    unsigned second = last_two(&time), minute = last_two(&time);
    if (minute > 59 || second > 59)
        return false;
    struct local_hour *hour =
        values_entry(values, &values->hours, (const char *)&time, sizeof time);
    if (!hour->known && values_are_alone(values))
        return false;
    if (!hour->known) {
        SV *argument[4];
        unsigned results = 0;
        unsigned hour_of_day = last_two(&time), day = last_two(&time), month = last_two(&time);
        const unsigned part[] = {(unsigned)time, month, day, hour_of_day};
        hour->unsupported = !record_date_exists(part[0], month, day) || hour_of_day >= HOURS;
        if (!hour->unsupported) {
            for (unsigned i = 0; i < 4; i++)
                argument[i] = sv_2mortal(newSVuv(part[i]));
            SV **result = values_call(aTHX_ values, CALLBACK_HOUR, argument, 4, &results);
            hour->unsupported = results == 0;
            hour->start = results ? SvIV(result[0]) : 0;
            values_call_end(aTHX);
        }
        hour->known = true;
    }
    *seconds = hour->start + (IV)minute * 60 + (IV)second;
    return !hour->unsupported;
}

/* Returns the counted name of a range. */
static struct counted_name *range_called(pTHX_ struct values *values, unsigned range)
{
    struct counted_name **name = &values->session[range];
    if (!*name)
        *name = values_name_of(aTHX_ values, NAME_SESSION, values->session_range[range]);
    return *name;
}

/* Returns the range that AWStats finds. */
static struct counted_name *find_range(pTHX_ struct values *values, SV *start, SV *end)
{
    SV *argument[] = {start, end};
    unsigned results;
    SV **result = values_call(aTHX_ values, CALLBACK_SESSION, argument, 2, &results);
    struct counted_name *name =
        values_name_of(aTHX_ values, NAME_SESSION, results ? result[0] : values->session_range[0]);
    values_call_end(aTHX);
    return name;
}

struct counted_name *values_session(pTHX_ struct values *values, UV start, UV end)
{
    static const IV up_to[] = {30, 120, 300, 900, 1800, 3600};
    const bool are_times = is_awstats_time(start) && is_awstats_time(end);
    IV from, to;
    if (are_times && start == end)
        return range_called(aTHX_ values, 0);
    const bool are_read =
        are_times && read_epoch(aTHX_ values, start, &from) && read_epoch(aTHX_ values, end, &to);
    if (!are_read && values_are_alone(values))
        return NULL;
    if (!are_read)
        return find_range(aTHX_ values, sv_2mortal(newSVuv(start)), sv_2mortal(newSVuv(end)));
    unsigned range = 0;
    while (range < RANGES - 1 && to - from > up_to[range])
        range++;
    return range_called(aTHX_ values, range);
}

struct counted_name *values_session_of(pTHX_ struct values *values, SV *start, SV *end)
{
    UV first, last;
    return scalar_read_time(aTHX_ start, &first) && scalar_read_time(aTHX_ end, &last)
               ? values_session(aTHX_ values, first, last)
               : find_range(aTHX_ values, start, end);
}

void values_release_moment(void *entry, void *context)
{
    struct moment *moment = entry;
    dTHXa(context);
    counters_key_free(aTHX_ moment->day);
}
