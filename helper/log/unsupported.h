/* Names what an object holds that cannot be read. */
#ifndef LOG_UNSUPPORTED_H
#define LOG_UNSUPPORTED_H

#include <stddef.h>

/* Returns what a line says about the object that begins with it, or has it in front of the first
 * header, and what to do about it: a constant text. */
const char *unsupported_name(const char *line, size_t size);

#endif
