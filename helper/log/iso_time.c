#include "log/iso_time.h"

#include <string.h>

#include "normalized/ascii.h"
#include "normalized/clock.h"

/* Returns the size of the zone at S, if it is UTC. */
static size_t zone_size(const char *s, const char *end)
{
    static const char *const zones[] = {"Z", "+00:00", " UTC"};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if ((size_t)(end - s) >= strlen(zones[i]) && !memcmp(s, zones[i], strlen(zones[i])))
            return strlen(zones[i]);
    return 0;
}

size_t iso_time_read(const char *text, size_t size)
{
    const char *between = text + CLOCK_DATE_SIZE, *end = text + size;
    uint32_t number;
    if (size <= CLOCK_DATE_SIZE + CLOCK_TIME_SIZE || (*between != 'T' && *between != ' ') ||
        !clock_parse_date(text, CLOCK_DATE_SIZE, &number) ||
        !clock_parse_time(between + 1, CLOCK_TIME_SIZE, &number))
        return 0;
    const char *s = between + 1 + CLOCK_TIME_SIZE;
    if (s < end && *s == '.')
        for (s++; s < end && ascii_is_digit(*s);)
            s++;
    return (size_t)(s - text) + zone_size(s, end);
}

size_t iso_time_skip(const char *text, size_t size)
{
    enum { HOURS_SIZE = 3 }; /* with the sign */
    size_t end = iso_time_read(text, size), digits = 0, at;
    if (!end || end == size || (text[end] != '+' && text[end] != '-'))
        return end;
    for (at = end + 1; at < size && digits < 4; at++) {
        if (ascii_is_digit(text[at]))
            digits++;
        else if (text[at] != ':' || at != end + HOURS_SIZE)
            return end;
    }
    return digits == 4 ? at : end;
}

bool iso_time_find(struct field value, struct field *date, struct field *clock)
{
    if (!value.size || iso_time_read(value.text, value.size) != value.size)
        return false;
    *date = (struct field){value.text, CLOCK_DATE_SIZE};
    *clock = (struct field){value.text + CLOCK_DATE_SIZE + 1, CLOCK_TIME_SIZE};
    return true;
}
