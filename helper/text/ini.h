/* Reads INI files: the program's own configuration, and files of variables.
 *
 * A line is one of
 *     [SECTION]
 *     NAME = VALUE
 *     NAME : VALUE
 *     ; COMMENT
 *     # COMMENT
 * with white space anywhere around its parts.  ";" after white space begins a comment after a
 * value or a header, "#" only after a header.  Lines end in LF or CR LF; the last one may have no
 * end.  A byte order mark before the first line is ignored.  A NUL makes a file no text file.
 *
 * The files of the AWS tools have a grammar of their own (aws/profile_parse.h).
 *
 * Why not a library: inih cuts long lines (a session token is one) and names of 50 bytes, and knows
 * no line numbers; libconfini dispatches nodes without line numbers. */
#ifndef TEXT_INI_H
#define TEXT_INI_H

#include <stdbool.h>
#include <stddef.h>

/* A section's header (name and value are NULL) or a setting of the section.  The strings are valid
 * until the visitor returns. */
struct ini_line {
    const char *section; /* "" before the first header */
    const char *name, *value;
    unsigned line; /* from 1 */
};

/* Returns false to end the reading. */
typedef bool ini_visitor(void *user, const struct ini_line *line);

enum ini_result {
    INI_DONE,       /* every line was visited */
    INI_ENDED,      /* by the visitor */
    INI_UNREADABLE, /* the file cannot be read; errno is set */
    INI_MALFORMED,
    INI_TOO_LONG, /* a line of more than 64 KiB, or a file of more than 4 MiB */
};

/* Calls VISIT for every header and setting of SIZE bytes of TEXT, in their order.  *LINE becomes
 * the number of the last line that was read.  Overwrites its copies of the text, which may hold
 * secrets. */
enum ini_result ini_parse(const char *text, size_t size, ini_visitor *visit, void *user,
                          unsigned *line);

/* Reads the file PATH in the same way. */
enum ini_result ini_read(const char *path, ini_visitor *visit, void *user, unsigned *line);

/* Returns the error text for INI_MALFORMED or INI_TOO_LONG (static). */
const char *ini_error(enum ini_result result);

#endif
