/* Logs of JSON objects. */
#ifndef LOG_JSON_LOG_H
#define LOG_JSON_LOG_H

#include "log/format.h"

extern const struct format json_format;

/* Whether a line of a log in another format, with "{" or "[" in front, begins a JSON log that was joined to it. */
bool json_follows(struct log *log, const char *line, size_t size);

/* Whether a text, up to the end of a line, is nothing but JSON objects, of which one has a time. */
bool json_is_rest(struct log *log, const char *text, size_t size);

#endif
