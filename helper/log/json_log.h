/* Logs of JSON objects. */
#ifndef LOG_JSON_LOG_H
#define LOG_JSON_LOG_H

#include "log/format.h"

extern const struct format json_format;

/* Whether a text with a time in front is a row, and not a time before a JSON object: the rows of the header in force,
 * or of the setting fields, begin with a time.  An object in such a row may be a visitor's text. */
bool json_is_row(const struct log *log, const char *text);

/* Whether a line of a log in another format, with "{" or "[" in front, begins a JSON log that was joined to it. */
bool json_follows(struct log *log, const char *line, size_t size);

/* Returns how many records begin in a text as JSON objects, some of which may be cut off or damaged.  Stores the place
 * of the first one, if there is one. */
size_t json_count_begun(struct log *log, const char *text, size_t size, const char **first);

/* Returns how many JSON objects with a time a text has, up to the end of a line; 0 when it has anything but JSON
 * objects. */
size_t json_count_rest(struct log *log, const char *text, size_t size);

#endif
