#include "normalized/clock.h"

#include <string.h>

#include "normalized/ascii.h"

enum { SECONDS_PER_DAY = 86400, DAYS_TO_2106 = 49673 };

/* Returns whether each of the 8 bytes at TEXT fits PATTERN: a digit where PATTERN has '0', the same
 * byte elsewhere.  MAX_DIGIT_COMPLEMENT has for each byte 127 less the greatest digit allowed,
 * and 127 where PATTERN has no digit.
 *
 * A byte that differs from '0' in bits worth D is the digit D, and D + MAX_DIGIT_COMPLEMENT is
 * below 128 only if the digit is allowed. */
static bool matches_digit_pattern(const char *text, const char *pattern,
                                  const char *max_digit_complement)
{
    uint64_t word, pattern_word, complement_word;
    memcpy(&word, text, 8);
    memcpy(&pattern_word, pattern, 8);
    memcpy(&complement_word, max_digit_complement, 8);
    uint64_t difference = word ^ pattern_word;
    return ((difference | (difference + complement_word)) & 0x8080808080808080) == 0;
}

/* Returns the number that two digits make. */
static unsigned two_digits(const char *s)
{
    return (unsigned)(s[0] - '0') * 10 + (unsigned)(s[1] - '0');
}

static bool is_leap_year(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Returns the days from 1970-01-01 to March 1 of YEAR.  Years that begin in March end with the leap
 * day, so that it shifts no month. */
static uint32_t days_to_march(unsigned year)
{
    return year * 365 + year / 4 - year / 100 + year / 400 - 719468;
}

/* Returns the days from March 1 to the first day of the month that is MONTHS (0 to 11) later. */
static unsigned days_from_march(unsigned months)
{
    return (153 * months + 2) / 5;
}

bool clock_date_exists(unsigned year, unsigned month, unsigned day)
{
    static const uint8_t month_days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month >= 1 && month <= 12 && day >= 1 &&
           day <= month_days[month] + (month == 2 && is_leap_year(year) ? 1U : 0U);
}

size_t clock_read_date(const char *s, size_t size, struct clock_date *date)
{
    if (size != CLOCK_DATE_SIZE ||
        !matches_digit_pattern(s, "0000-00-", "\x76\x76\x76\x76\x7f\x7e\x76\x7f") ||
        !ascii_is_digit(s[8]) || !ascii_is_digit(s[9]))
        return 0;
    date->year = two_digits(s) * 100 + two_digits(s + 2);
    date->month = two_digits(s + 5);
    date->day = two_digits(s + 8);
    return clock_date_exists(date->year, date->month, date->day) ? CLOCK_DATE_SIZE : 0;
}

size_t clock_read_time(const char *s, size_t size, struct clock_time *time)
{
    if (size != CLOCK_TIME_SIZE ||
        !matches_digit_pattern(s, "00:00:00", "\x7d\x76\x7f\x7a\x76\x7f\x79\x76"))
        return 0;
    time->hour = two_digits(s);
    time->minute = two_digits(s + 3);
    time->second = two_digits(s + 6);
    unsigned last = time->hour == 23 && time->minute == 59 ? 60 : 59;
    return time->hour <= 23 && time->second <= last ? CLOCK_TIME_SIZE : 0;
}

size_t clock_parse_date(const char *s, size_t size, uint32_t *days)
{
    struct clock_date date;
    if (!clock_read_date(s, size, &date) || date.year < 1970 || date.year > 2105)
        return 0;
    unsigned march_year = date.month < 3 ? date.year - 1 : date.year;
    *days = days_to_march(march_year) + days_from_march((date.month + 9) % 12) + date.day - 1;
    return CLOCK_DATE_SIZE;
}

size_t clock_parse_time(const char *s, size_t size, uint32_t *seconds)
{
    struct clock_time time;
    if (!clock_read_time(s, size, &time))
        return 0;
    *seconds = time.hour * 3600 + time.minute * 60 + time.second;
    return CLOCK_TIME_SIZE;
}

size_t clock_parse_epoch(const char *s, size_t size, unsigned per_second, uint32_t *seconds)
{
    uint64_t value = 0;
    size_t i = 0;
    for (; i < size && ascii_is_digit(s[i]); i++) {
        if (value > UINT64_MAX / 20)
            return 0;
        value = value * 10 + (uint64_t)(s[i] - '0');
    }
    if (i == 0)
        return 0;
    if (i < size && s[i] == '.') {
        size_t point = i++;
        while (i < size && ascii_is_digit(s[i]))
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
    unsigned year = 1970 + days / 365; /* the March year is this one or an earlier one */
    while (days_to_march(year) > days && year >= 1970)
        year--;
    uint32_t day_of_year =
        days - days_to_march(year); /* wraps around before March 1970, as intended */
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
