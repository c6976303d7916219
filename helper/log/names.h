/* A first line that names the fields of the rows, as #Fields does, but without that word: a table that a program
 * has made of logs, such as the access logs of Amplify, or a sheet of Excel. */
#ifndef LOG_NAMES_H
#define LOG_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "log/delimiter.h"
#include "log/header.h"

struct names {
    struct header header;
    struct delimiter delimiter; /* between the names */
    bool has_backslashes;       /* before some bytes of the names, and so of the values, too */
    bool is_real_time;          /* real-time logs alone have some of them */
};

/* Reads a line of names, of which some may be unknown or empty.  Returns false when the line is none, or names too
 * little of a request: then it may be any table.  Names in quotation marks are those of a result of Athena, which
 * repeats records of other logs: false, too. */
bool names_parse(struct names *names, const char *line, size_t size);

/* The same for a line behind rows, where another table was joined.  Quick: each row has a digit, in its time, and names
 * of fields have none.  LINE begins with a letter: the caller asks first, as almost no row does. */
bool names_parse_among_rows(struct names *names, const char *line, size_t size);

/* Returns whether some of the names are those of fields. */
bool names_are_similar(const char *line, size_t size);

/* Copies a row to OUT, of as many bytes, without the backslashes of a table whose names have them: one stands
 * before a byte that is neither letter nor digit.  Returns the size. */
size_t names_unescape(const char *row, size_t size, char *out);

#endif
