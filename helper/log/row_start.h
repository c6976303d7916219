/* How a row without a header begins: with its time, which tells the delimiter.  Pure functions. */
#ifndef LOG_ROW_START_H
#define LOG_ROW_START_H

#include <stdbool.h>
#include <stddef.h>

#include "log/delimiter.h"

/* Returns the number of digits and points that a line begins with, if they are a time since 1970; else 0. */
size_t row_start_find_epoch(const char *line, size_t size);

/* Whether a line begins with a date, and a time of day is behind it. */
bool row_start_is_date(const char *line, size_t size);

/* Finds the delimiter of a row whose columns are not known: the text between a date and a time of day, which are the
 * first two values or follow a few others, or the byte behind a time since 1970. */
bool row_start_find_delimiter(struct delimiter *delimiter, const char *line, size_t size);

#endif
