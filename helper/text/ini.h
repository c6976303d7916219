/* INI files, read through inih: our own configuration and those of the AWS tools. */
#ifndef TEXT_INI_H
#define TEXT_INI_H

#include <stdbool.h>

/* A section's header (name and value are NULL) or a setting of it.  The strings live until the
 * visitor returns. */
struct ini_line {
    const char *section; /* "" before the first header */
    const char *name, *value;
    unsigned line; /* from 1 */
    bool indented; /* white space before the name: in AWS's files, a setting nested in another */
};

/* Returns 0 to go on, anything above 0 to end the reading. */
typedef int ini_visitor(void *user, const struct ini_line *line);

enum { INI_UNREADABLE = -1, INI_MALFORMED = -2, INI_TOO_LONG = -3 };

/* Calls VISIT for every header and setting of the file, in their order.  A line is "[section]" or
 * "name = value", of up to 64 KiB; "#" or ";" at its start, and ";" after white space, begin a
 * comment.  Returns 0, what VISIT returned when that was not 0, INI_UNREADABLE with errno set,
 * INI_MALFORMED, or INI_TOO_LONG (a line, or a file of more than 4 MiB); the last line read is then
 * in *line. */
int ini_read(const char *path, ini_visitor *visit, void *user, unsigned *line);

/* What INI_MALFORMED or INI_TOO_LONG says of the last line read. */
const char *ini_problem(int result);

#endif
