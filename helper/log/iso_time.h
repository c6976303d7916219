/* Times as in ISO 8601, which programs write in the place of CloudFront's date and time. */
#ifndef LOG_ISO_TIME_H
#define LOG_ISO_TIME_H

#include <stdbool.h>
#include <stddef.h>

#include "normalized/field.h"

/* Returns the size of a time in UTC at the start of a text; 0 when the text does not begin so:
 * 2026-03-10T12:00:00.250Z
 * 2026-03-10 12:00:00
 * The zone is Z, +00:00, UTC after a space, or none. */
size_t iso_time_read(const char *text, size_t size);

/* Does the same, but for a time in any zone, such as +09:00 or -0330: for a caller that only skips the time. */
size_t iso_time_skip(const char *text, size_t size);

/* Finds the date and the time of day, up to the second, of a value that is such a time.  Both lie in VALUE.
 * Returns false when the value is none. */
bool iso_time_find(struct field value, struct field *date, struct field *clock);

/* Returns the size of the time and the space that CloudWatch Logs puts before each line of a log when the log is
 * exported to S3, 2026-03-10T12:00:00.000Z; 0 when a text does not begin so.  Quick for most texts. */
static inline size_t iso_time_of_export(const char *text, size_t size)
{
    enum { T_AT = 10, SIZE = 24 };
    return size > SIZE && text[T_AT] == 'T' && text[SIZE - 1] == 'Z' && text[SIZE] == ' ' &&
                   iso_time_read(text, size) == SIZE
               ? SIZE + 1
               : 0;
}

#endif
