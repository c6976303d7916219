/* The time that CloudWatch Logs puts before each line of a log when the log is exported to S3. */
#ifndef LOG_EXPORT_TIME_H
#define LOG_EXPORT_TIME_H

#include <stddef.h>

/* 2026-03-10T12:00:00.000Z and a space
 * Returns the size of both at the start of a text; 0 when the text does not begin so. */
size_t export_time_size(const char *text, size_t size);

#endif
