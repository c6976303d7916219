#include "source/key_hour.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "normalized/ascii.h"
#include "normalized/clock.h"
#include "text/time.h"

enum { HOUR_SIZE = sizeof "YYYY-MM-DD-HH" - 1 };

/* Reads "YYYY-MM-DD-HH." in seconds UTC. */
static bool read_hour(const char *s, int64_t *hour)
{
    uint32_t days;
    if (strnlen(s, HOUR_SIZE + 1) <= HOUR_SIZE || s[HOUR_SIZE] != '.' ||
        !clock_parse_date(s, CLOCK_DATE_SIZE, &days) || s[10] != '-' || s[11] < '0' ||
        s[11] > '2' || s[12] < '0' || s[12] > '9')
        return false;
    int hours = 10 * (s[11] - '0') + s[12] - '0';
    *hour = (int64_t)days * 86400 + hours * 3600;
    return hours < 24;
}

/* Returns the text after the next SEPARATOR; NULL when there is none. */
static const char *behind(const char *text, char separator)
{
    const char *at = strchr(text, separator);
    return at ? at + 1 : NULL;
}

/* Returns the place of the hour in the key; NULL when the key has none. */
static const char *find_hour(const char *key, int64_t *hour)
{
    const char *slash = strrchr(key, '/'), *name = slash ? slash + 1 : key;
    for (const char *p = name; p; p = behind(p, '.'))
        if (read_hour(p, hour))
            return p;
    return NULL;
}

bool key_hour(const char *key, int64_t *hour)
{
    return find_hour(key, hour) != NULL;
}

/* Returns the end of the letters and digits at the start of TEXT. */
static const char *skip_word(const char *text)
{
    while (ascii_is_letter_or_digit(*text))
        text++;
    return text;
}

/* Returns whether TEXT is the end of a name of CloudFront, or ".zst", of a log that was compressed
 * anew. */
static bool is_ending(const char *text)
{
    return !*text || !strcmp(text, ".gz") || !strcmp(text, ".zst") || !strcmp(text, ".parquet");
}

bool key_has_form(const char *key)
{
    int64_t hour;
    const char *slash = strrchr(key, '/'), *name = slash ? slash + 1 : key;
    const char *at = find_hour(key, &hour), *distribution = skip_word(name);
    if (!at || (at != name && (distribution == name || distribution + 1 != at)))
        return false;
    const char *id = at + HOUR_SIZE + 1, *end = skip_word(id);
    return end != id && is_ending(end) && !is_ending(id - 1);
}

/* Returns whether TEXT begins with a day in FORMAT, and a slash. */
static bool is_day(const char *text, const char *scan, const char *format)
{
    struct tm tm = {0};
    char again[64];
    if (sscanf(text, scan, &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3 || tm.tm_mon < 1 ||
        tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon--;
    size_t size = strftime(again, sizeof again, format, &tm);
    return size && !strncmp(text, again, size) && text[size] == '/';
}

/* Returns the format of the day at the start of TEXT: in one folder, or in the folders of a whole
 * date; NULL: there is no day. */
static const char *find_day(const char *text)
{
    static const struct {
        const char *scan, *format;
    } days[] = {{"%4d/%2d/%2d", "%Y/%m/%d"},
                {"year=%4d/month=%2d/day=%2d", "year=%Y/month=%m/day=%d"},
                {"%4d-%2d-%2d", "%Y-%m-%d"},
                {"%4d%2d%2d", "%Y%m%d"}};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (is_day(text, days[i].scan, days[i].format))
            return days[i].format;
    return NULL;
}

bool key_stem_find(struct key_stem *stem, const char *key)
{
    const char *part = key;
    do {
        const char *format = find_day(part), *value = part + strcspn(part, "=/");
        if (!format && *value == '=') {
            part = value + 1; /* the value of NAME=VALUE */
            format = find_day(part);
        }
        if (!format)
            continue;
        *stem = (struct key_stem){(size_t)(part - key), format};
        return true;
    } while ((part = behind(part, '/')));
    int64_t hour;
    const char *at = find_hour(key, &hour);
    if (at)
        *stem = (struct key_stem){(size_t)(at - key), "%Y-%m-%d-%H"};
    return at != NULL;
}

void key_stem_add(const struct key_stem *stem, const char *key, int64_t time, struct buffer *out)
{
    char date[TIME_TEXT_SIZE];
    if (!time_format(date, stem->format, time))
        return;
    buffer_add(out, key, stem->size);
    buffer_add_text(out, date);
}
