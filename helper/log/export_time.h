/* The time that CloudWatch Logs puts before each line of a log when the log is exported to S3. */
#ifndef LOG_EXPORT_TIME_H
#define LOG_EXPORT_TIME_H

#include <stddef.h>

/* What export_time_size() does, for a text that is likely to begin so. */
size_t export_time_read(const char *text, size_t size);

/* 2026-03-10T12:00:00.000Z and a space
 * Returns the size of both at the start of a text; 0 when the text does not begin so. */
static inline size_t export_time_size(const char *text, size_t size)
{
    enum { T_AT = 10 };
    return size > T_AT && text[T_AT] == 'T' ? export_time_read(text, size) : 0;
}

#endif
