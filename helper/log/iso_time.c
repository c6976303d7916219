#include "log/iso_time.h"

#include <string.h>

#include "normalized/clock.h"

bool iso_time_find(struct field value, struct field *date, struct field *clock)
{
    const char *between = value.text + CLOCK_DATE_SIZE;
    uint32_t number;
    if (value.size <= CLOCK_DATE_SIZE + CLOCK_TIME_SIZE || (*between != 'T' && *between != ' '))
        return false;
    const char *rest = between + 1 + CLOCK_TIME_SIZE, *end = value.text + value.size;
    if (rest < end && *rest == '.')
        for (rest++; rest < end && *rest >= '0' && *rest <= '9';)
            rest++;
    bool is_utc = rest == end || (rest + 1 == end && *rest == 'Z') ||
                  (rest + 6 == end && !memcmp(rest, "+00:00", 6)) ||
                  (rest + 4 == end && !memcmp(rest, " UTC", 4));
    if (!is_utc || !clock_parse_date(value.text, CLOCK_DATE_SIZE, &number) ||
        !clock_parse_time(between + 1, CLOCK_TIME_SIZE, &number))
        return false;
    *date = (struct field){value.text, CLOCK_DATE_SIZE};
    *clock = (struct field){between + 1, CLOCK_TIME_SIZE};
    return true;
}
