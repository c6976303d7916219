/* Dates and times of day, UTC. */
#ifndef NORMALIZED_CLOCK_H
#define NORMALIZED_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Room for the text of a date and of a time; neither ends with a NUL. */
enum { CLOCK_DATE_SIZE = 10, CLOCK_TIME_SIZE = 8 };

/* YYYY-MM-DD
 * A day of the calendar from 1970-01-01 to 2105-12-31.  Stores the days since 1970-01-01; returns
 * the bytes read (10), 0 when S is anything else. */
size_t clock_parse_date(const char *s, size_t size, uint32_t *days);

/* HH:MM:SS
 * Up to 23:59:60 (a leap second).  Stores the seconds since midnight; returns the bytes read (8),
 * 0 when S is anything else. */
size_t clock_parse_time(const char *s, size_t size, uint32_t *seconds);

/* DIGITS
 * DIGITS . DIGITS
 * Seconds since 1970-01-01, before 2106; a fraction is cut off.  With PER_SECOND 1000 the number
 * is in milliseconds.  Returns the bytes read, always all SIZE, 0 when S is anything else. */
size_t clock_parse_epoch(const char *s, size_t size, unsigned per_second, uint32_t *seconds);

/* Writes the date and the time of day of SECONDS since 1970-01-01. */
void clock_format(uint32_t seconds, char date[CLOCK_DATE_SIZE], char time[CLOCK_TIME_SIZE]);

#endif
