#include "ledger/log_id.h"

#include <string.h>
#include <time.h>

#include "text/big_endian.h"
#include "text/hex.h"

enum { HOURS = 24, DAYS = 31, MONTHS = 12 };

/* Returns the number for the hour of a date, which need not exist. */
static uint32_t number_hour(unsigned year, unsigned month, unsigned day, unsigned hour)
{
    return ((year * MONTHS + month - 1) * DAYS + day - 1) * HOURS + hour;
}

uint32_t log_hour_of_time(int64_t time)
{
    struct tm tm;
    time_t seconds = (time_t)time;
    if (!gmtime_r(&seconds, &tm) || tm.tm_year < 1 - 1900 || tm.tm_year > 9999 - 1900)
        return 0;
    return number_hour((unsigned)(tm.tm_year + 1900), (unsigned)tm.tm_mon + 1, (unsigned)tm.tm_mday,
                       (unsigned)tm.tm_hour);
}

/* Writes COUNT decimal digits. */
static void write_digits(char *out, unsigned number, size_t count)
{
    while (count) {
        out[--count] = (char)('0' + number % 10);
        number /= 10;
    }
}

void log_hour_write(uint32_t hour, char out[LOG_HOUR_SIZE])
{
    write_digits(out, hour / HOURS / DAYS / MONTHS, 4);
    write_digits(out + 5, hour / HOURS / DAYS % MONTHS + 1, 2);
    write_digits(out + 8, hour / HOURS % DAYS + 1, 2);
    write_digits(out + 11, hour % HOURS, 2);
    out[4] = out[7] = out[10] = '-';
}

/* Reads COUNT decimal digits; returns false if one of the bytes is not a digit. */
static bool read_digits(const char *text, size_t count, unsigned *number)
{
    *number = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *number = *number * 10 + (unsigned)(text[i] - '0');
    }
    return true;
}

static bool read_hour(const char *text, uint32_t *hour)
{
    unsigned y, m, d, h;
    if (!read_digits(text, 4, &y) || text[4] != '-' || !read_digits(text + 5, 2, &m) ||
        text[7] != '-' || !read_digits(text + 8, 2, &d) || text[10] != '-' ||
        !read_digits(text + 11, 2, &h))
        return false;
    *hour = number_hour(y, m, d, h);
    return m >= 1 && m <= MONTHS && d >= 1 && d <= DAYS && h < HOURS;
}

static bool read_id(const char *text, uint32_t *id)
{
    uint8_t bytes[LOG_ID_SIZE / 2];
    if (!hex_read(bytes, sizeof bytes, text))
        return false;
    *id = (uint32_t)big_endian_get(bytes, sizeof bytes);
    return true;
}

bool log_id_find(struct log_id *id, const char *key)
{
    const char *slash = strrchr(key, '/'), *date = slash ? slash + 1 : key;
    for (size_t left = strlen(date); left >= LOG_HOUR_SIZE + 1 + LOG_ID_SIZE;) {
        const char *end = date + LOG_HOUR_SIZE + 1 + LOG_ID_SIZE;
        if (date[LOG_HOUR_SIZE] == '.' && read_hour(date, &id->hour) &&
            read_id(date + LOG_HOUR_SIZE + 1, &id->id) && (!*end || *end == '.')) {
            id->prefix_size = (size_t)(date - key);
            id->suffix = end;
            return true;
        }
        const char *point = memchr(date, '.', left);
        if (!point)
            return false;
        left -= (size_t)(point + 1 - date);
        date = point + 1;
    }
    return false;
}
