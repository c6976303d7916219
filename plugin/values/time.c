#include "values/internal.h"

enum { YEAR, MONTH, DAY, HOUR, MINUTE, DATE_PARTS };

static unsigned number(const char *digits, unsigned count)
{
    unsigned value = 0;
    while (count-- > 0)
        value = value * 10 + (unsigned)(*digits++ - '0');
    return value;
}

/* Lets AWStats change a time.  False when what comes back is no time. */
static bool change_time(pTHX_ const struct values *values, unsigned part[DATE_PARTS])
{
    SV *argument[DATE_PARTS];
    unsigned answers;
    for (unsigned i = 0; i < DATE_PARTS; i++)
        argument[i] = sv_2mortal(newSVuv(part[i]));
    SV **answer = values_ask(aTHX_ values, ASK_TIME, argument, DATE_PARTS, &answers);
    bool changed = answers == DATE_PARTS;
    for (unsigned i = 0; changed && i < DATE_PARTS; i++)
        part[i] = (unsigned)SvUV(answer[i]);
    values_answered(aTHX);
    return changed && date_exists(part[YEAR], part[MONTH], part[DAY]) && part[HOUR] < HOURS &&
           part[MINUTE] < 60;
}

struct moment *values_moment(pTHX_ struct values *values, const struct record *record)
{
    const char *text = record->field[COLUMN_DATE].text; /* YYYY-MM-DD TAB hh:mm:ss */
    bool changes = values->ask[ASK_TIME] != NULL;
    struct moment *moment = values_get(&values->moments, text, changes ? 16 : 13);
    if (moment->asked)
        return moment;
    unsigned part[DATE_PARTS] = {number(text, 4), number(text + 5, 2), number(text + 8, 2),
                                 number(text + 11, 2), changes ? number(text + 14, 2) : 0};
    moment->odd = changes && !change_time(aTHX_ values, part);
    if (!moment->odd) {
        UV day = ((UV)part[YEAR] * 100 + part[MONTH]) * 100 + part[DAY];
        moment->time = ((day * 100 + part[HOUR]) * 100 + part[MINUTE]) * 100;
        moment->break_time = moment->time / values->break_divisor;
        moment->hour = part[HOUR];
        char key[24];
        int size = snprintf(key, sizeof key, "%" UVuf, day);
        moment->day = item_new(aTHX_ key, (size_t)size);
    }
    moment->asked = true;
    return moment;
}

/* The seconds since 1970 of a time.  False when it is none, or one of an odd hour. */
static bool epoch(pTHX_ struct values *values, UV time, IV *seconds)
{
    unsigned minute = (unsigned)(time / 100 % 100), second = (unsigned)(time % 100);
    char key[24];
    int size = snprintf(key, sizeof key, "%" UVuf, time / 10000);
    if (size != 10 || minute > 59 || second > 59)
        return false;
    struct hour *hour = values_get(&values->hours, key, (size_t)size);
    if (!hour->asked) {
        const unsigned part[] = {number(key, 4), number(key + 4, 2), number(key + 6, 2),
                                 number(key + 8, 2)};
        SV *argument[4];
        unsigned answers = 0;
        hour->odd = !date_exists(part[0], part[1], part[2]) || part[3] >= HOURS;
        if (!hour->odd) {
            for (unsigned i = 0; i < 4; i++)
                argument[i] = sv_2mortal(newSVuv(part[i]));
            SV **answer = values_ask(aTHX_ values, ASK_HOUR, argument, 4, &answers);
            hour->odd = answers == 0;
            hour->start = answers ? SvIV(answer[0]) : 0;
            values_answered(aTHX);
        }
        hour->asked = true;
    }
    *seconds = hour->start + (IV)minute * 60 + (IV)second;
    return !hour->odd;
}

struct name *values_session(pTHX_ struct values *values, SV *start, SV *end)
{
    static const IV up_to[] = {30, 120, 300, 900, 1800, 3600};
    UV first, last;
    IV from, to;
    bool are_times = counter_time(aTHX_ start, &first) && counter_time(aTHX_ end, &last);
    if (are_times && first == last)
        return values_name_of(aTHX_ values, NAME_SESSION, values->session_range[0]);
    if (are_times && epoch(aTHX_ values, first, &from) && epoch(aTHX_ values, last, &to)) {
        unsigned range = 0;
        while (range < 6 && to - from > up_to[range])
            range++;
        return values_name_of(aTHX_ values, NAME_SESSION, values->session_range[range]);
    }
    SV *argument[] = {start, end};
    unsigned answers;
    SV **answer = values_ask(aTHX_ values, ASK_SESSION, argument, 2, &answers);
    struct name *name =
        values_name_of(aTHX_ values, NAME_SESSION, answers ? answer[0] : values->session_range[0]);
    values_answered(aTHX);
    return name;
}

void values_release_moment(void *entry, void *context)
{
    dTHXa(context);
    item_free(aTHX_((struct moment *)entry)->day);
}
