/* Dates and times of day, UTC: the one place that reads and writes them.
 *
 * The two halves accept different ranges.  The helper takes days from 1970 to 2105, so that a time
 * fits 32 bits, and the leap second 23:59:60.  The plugin takes the years 1000 to 9999 and no leap
 * second, as AWStats does (normalized/record.h). */
#ifndef NORMALIZED_CLOCK_H
#define NORMALIZED_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the text of a date and of a time; neither ends with a NUL. */
enum { CLOCK_DATE_SIZE = 10, CLOCK_TIME_SIZE = 8 };

/* A day of the calendar, of the years 0 to 9999. */
struct clock_date {
    unsigned year, month, day;
};

/* A time of day; 23:59:60 is a leap second. */
struct clock_time {
    unsigned hour, minute, second;
};

/* YYYY-MM-DD
 * Stores a day that exists.  Returns the bytes read (10), 0 when S is anything else. */
size_t clock_read_date(const char *s, size_t size, struct clock_date *date);

/* HH:MM:SS
 * Stores a time up to 23:59:60.  Returns the bytes read (8), 0 when S is anything else. */
size_t clock_read_time(const char *s, size_t size, struct clock_time *time);

/* Whether a day exists in the Gregorian calendar. */
bool clock_date_exists(unsigned year, unsigned month, unsigned day);

/* As clock_read_date(), but only for days from 1970-01-01 to 2105-12-31: stores the days since
 * 1970-01-01. */
size_t clock_parse_date(const char *s, size_t size, uint32_t *days);

/* As clock_read_time(): stores the seconds since midnight. */
size_t clock_parse_time(const char *s, size_t size, uint32_t *seconds);

/* DIGITS
 * DIGITS . DIGITS
 * Stores seconds since 1970-01-01, before 2106; a fraction is cut off.  With PER_SECOND 1000 the
 * number is in milliseconds.  Returns SIZE, or 0 when S is anything else. */
size_t clock_parse_epoch(const char *s, size_t size, unsigned per_second, uint32_t *seconds);

/* Writes the date and the time of day of SECONDS since 1970-01-01. */
void clock_format(uint32_t seconds, char date[CLOCK_DATE_SIZE], char time[CLOCK_TIME_SIZE]);

#endif
