/* Formats times, in UTC, and reads the clock that measures durations. */
#ifndef TEXT_TIME_H
#define TEXT_TIME_H

#include <stdbool.h>
#include <stdint.h>

enum { TIME_TEXT_SIZE = 48 };

/* Formats for time_format(). */
#define TIME_MINUTE "%04Y-%m-%d %H:%M UTC"
#define TIME_SECOND "%04Y-%m-%d %H:%M:%S UTC"
#define TIME_JSON   "\"%04Y-%m-%dT%H:%M:%SZ\"" /* RFC 3339, as a JSON string */

/* Writes the time SECONDS (since 1970-01-01, UTC) by FORMAT, one for strftime(), and returns true.
 * Writes "unknown" and returns false when the calendar has no such time: a filesystem can store
 * times beyond the year 2147483647, which is the last one that strftime() can write. */
bool time_format(char out[TIME_TEXT_SIZE], const char *format, int64_t seconds);

/* Returns the milliseconds of a clock that nobody sets (CLOCK_MONOTONIC), which all processes of
 * this machine share. */
int64_t time_monotonic_ms(void);

#endif
