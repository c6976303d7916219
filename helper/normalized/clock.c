#include "normalized/clock.h"

#include <stdbool.h>

enum { SECONDS_PER_DAY = 86400, DAYS_TO_2106 = 49673 };

/* Two digits at S, or a number above 99. */
static unsigned two_digits(const char *s)
{
    unsigned tens = (unsigned)(s[0] - '0'), ones = (unsigned)(s[1] - '0');
    return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

static bool is_leap_year(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to the first of March of YEAR: years that begin in March end with the leap
 * day, so that it disturbs no month. */
static uint32_t days_to_march(unsigned year)
{
    return year * 365 + year / 4 - year / 100 + year / 400 - 719468;
}

/* Days from the first of March to the first of the MONTHS-th month after it, 0 to 11. */
static unsigned days_from_march(unsigned months)
{
    return (153 * months + 2) / 5;
}

size_t clock_parse_date(const char *s, size_t size, uint32_t *days)
{
    static const uint8_t month_days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (size != CLOCK_DATE_SIZE || s[4] != '-' || s[7] != '-')
        return 0;
    unsigned century = two_digits(s), rest = two_digits(s + 2);
    unsigned month = two_digits(s + 5), day = two_digits(s + 8);
    if (century > 99 || rest > 99 || month < 1 || month > 12)
        return 0;
    unsigned year = century * 100 + rest;
    unsigned last = month == 2 && is_leap_year(year) ? 29 : month_days[month];
    if (year < 1970 || year > 2105 || day < 1 || day > last)
        return 0;
    unsigned march_year = month < 3 ? year - 1 : year;
    *days = days_to_march(march_year) + days_from_march((month + 9) % 12) + day - 1;
    return CLOCK_DATE_SIZE;
}

size_t clock_parse_time(const char *s, size_t size, uint32_t *seconds)
{
    if (size != CLOCK_TIME_SIZE || s[2] != ':' || s[5] != ':')
        return 0;
    unsigned hour = two_digits(s), minute = two_digits(s + 3), second = two_digits(s + 6);
    if (hour > 23 || minute > 59 || second > (hour == 23 && minute == 59 ? 60 : 59))
        return 0;
    *seconds = hour * 3600 + minute * 60 + second;
    return CLOCK_TIME_SIZE;
}

size_t clock_parse_epoch(const char *s, size_t size, unsigned per_second, uint32_t *seconds)
{
    uint64_t value = 0;
    size_t i = 0;
    for (; i < size && s[i] >= '0' && s[i] <= '9'; i++)
        if ((value = value * 10 + (uint64_t)(s[i] - '0')) > UINT64_MAX / 20)
            return 0;
    if (i == 0)
        return 0;
    if (i < size && s[i] == '.') {
        size_t point = i++;
        while (i < size && s[i] >= '0' && s[i] <= '9')
            i++;
        if (i == point + 1)
            return 0;
    }
    value /= per_second;
    if (i != size || value >= (uint64_t)DAYS_TO_2106 * SECONDS_PER_DAY)
        return 0;
    *seconds = (uint32_t)value;
    return size;
}

static void put_two_digits(char *out, unsigned value)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
}

void clock_format(uint32_t seconds, char date[CLOCK_DATE_SIZE], char time[CLOCK_TIME_SIZE])
{
    uint32_t days = seconds / SECONDS_PER_DAY, rest = seconds % SECONDS_PER_DAY;
    unsigned year = 1970 + days / 365; /* the March year is this one or one of those before it */
    while (days_to_march(year) > days && year >= 1970)
        year--;
    uint32_t day_of_year = days - days_to_march(year); /* wraps as it should before March 1970 */
    unsigned months = (5 * day_of_year + 2) / 153;
    unsigned month = (months + 2) % 12 + 1;
    if (month < 3)
        year++;
    put_two_digits(date, year / 100);
    put_two_digits(date + 2, year % 100);
    date[4] = date[7] = '-';
    put_two_digits(date + 5, month);
    put_two_digits(date + 8, day_of_year - days_from_march(months) + 1);
    put_two_digits(time, rest / 3600);
    put_two_digits(time + 3, rest / 60 % 60);
    put_two_digits(time + 6, rest % 60);
    time[2] = time[5] = ':';
}
