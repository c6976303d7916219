/* Explains why an object that is not a supported log cannot be read. */
#ifndef LOG_UNSUPPORTED_H
#define LOG_UNSUPPORTED_H

#include <stddef.h>

/* Returns what kind of data an object has, and what to do: a constant text.  LINE is the first line
 * of the object, or a line before its first header. */
const char *unsupported_name(const char *line, size_t size);

#endif
