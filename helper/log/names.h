/* A first line that names the fields of the rows, as #Fields does, but without that word: a table that a program
 * has made of logs, such as the access logs of Amplify, or a sheet of Excel. */
#ifndef LOG_NAMES_H
#define LOG_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "log/delimiter.h"
#include "log/header.h"
#include "normalized/ascii.h"

struct names {
    struct header header;
    struct delimiter delimiter; /* between the names */
    bool has_backslashes;       /* before some bytes of the names, and so of the values, too */
    bool has_other_bytes;       /* than small letters, digits and "_" */
    bool has_underscores;
    size_t quoted; /* how many are in quotation marks */
};

/* Reads a line of names, of which some may be unknown, empty or in quotation marks.  Returns false when the line is
 * none, or names too little of a request: then it may be any table.  False, too, for a table that names_find_foreign()
 * knows. */
bool names_parse(struct names *names, const char *line, size_t size);

/* Whether the line of names of a table that follows another log may begin with this byte: a letter, or a quotation
 * mark.  Almost all rows begin with a digit, so the first test is the quickest for them. */
static inline bool names_may_begin(char byte)
{
    return !ascii_is_digit(byte) && (ascii_is_letter(byte) || byte == '"');
}

/* The same as names_parse() for a line behind rows, where another table was joined.  Quick: each row has a digit, in
 * its time, and names of fields have none.  names_may_begin() is true for its first byte. */
bool names_parse_among_rows(struct names *names, const char *line, size_t size);

/* Whether a line tells Excel the delimiter of the table behind it: "sep=;", with any delimiter, also in capitals. */
bool names_is_hint(const char *line, size_t size);

/* Returns the kind of a table with such a line that holds no requests, or repeats those of other logs: one of counts,
 * or the result of a query of a database such as Athena.  Of these, all names are in quotation marks; or they are
 * written as databases want them, with "_" and small letters, and have commas between.  NULL when the line is no such
 * one. */
const char *names_find_foreign(const char *line, size_t size);

/* Returns whether some of the names are those of fields. */
bool names_are_similar(const char *line, size_t size);

/* Copies a row to OUT, of as many bytes, without the backslashes of a table whose names have them: one stands
 * before a byte that is neither letter nor digit.  Returns the size. */
size_t names_unescape(const char *row, size_t size, char *out);

#endif
