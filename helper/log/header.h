/* The header of a log: which column is where in a row. */
#ifndef LOG_HEADER_H
#define LOG_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalized/ascii.h"
#include "normalized/columns.h"

enum { HEADER_FIELDS_MAX = 256, HEADER_KNOWN_MAX = 1024 };

struct header {
    bool has_log_name;       /* a name has the form of a request log's, such as cs-method */
    bool is_of_others;       /* a name is one of no log of CloudFront */
    bool may_be_iis;         /* a name is s-ip */
    bool has_parenthesis;    /* a name has one, as cs(Host) in standard logs alone */
    bool has_real_time_name; /* a name is one that real-time logs alone have */
    /* The first or last column may have a text of the visitor (log/visitor_text.h). */
    bool has_visitor_first, has_visitor_last;
    bool has_time_first; /* the first column may have a time as in ISO 8601 */
    const char *foreign; /* the kind of file that alone has one of the names; NULL: none */
    size_t field_count;  /* fields of a row by the header, at most HEADER_FIELDS_MAX */
    size_t required;     /* fields that a row must have at least */
    /* Bits of the first 64 fields: those that have no texts of visitors, and unused ones that have whole numbers.  Made
     * for layouts alone (log/layout.h). */
    uint64_t closed, numbers;
    int16_t position[INPUT_COUNT]; /* of each column, from 0; -1: the log does not have it */
};

enum header_error {
    HEADER_GOOD,
    HEADER_TOO_LONG,     /* more than HEADER_FIELDS_MAX names */
    HEADER_TWICE,        /* a column that is used has two fields */
    HEADER_EMPTY,        /* no names */
    HEADER_WITHOUT_TIME, /* neither date and time nor a timestamp */
    HEADER_FOREIGN       /* no time, and no name that a log of requests has; or of another server */
};

/* Three steps to make a header from names, for formats without a #Fields header: begin, add the name of
 * each field in their order, end.  Names are compared as column_find() does. */
void header_begin(struct header *header);
enum header_error header_add(struct header *header, const char *name, size_t size);
enum header_error header_end(struct header *header);

/* Whether a byte can be in the name of a field.  A control byte counts as a part of the name, so that the name is
 * unknown.  If the byte ended the name, a damaged line would look good. */
static inline bool header_is_name_byte(char byte)
{
    return ascii_is_letter_or_digit(byte) || byte == '-' || byte == '_' || byte == '(' ||
           byte == ')' || ((unsigned char)byte < ' ' && byte != '\t');
}

/* Returns the size of a U+200B at S, 0 when there is none: copies of the AWS page have it within names. */
size_t header_zero_width_space(const char *s, const char *end);

/* Reads the names after "#Fields:".  Between and after names there may be anything that no name has,
 * also the delimiter of the rows, and U+200B within (copies of the AWS page have it). */
enum header_error header_parse(struct header *header, const char *names, size_t size);

/* The names that were parsed last without an error, and what they say.  Zeroed at birth. */
struct header_known {
    char names[HEADER_KNOWN_MAX];
    size_t size;
    struct header header;
};

/* Does what header_parse() does, in no time if the names are those that were parsed last: most objects of a source
 * have one header. */
enum header_error header_parse_known(struct header_known *known, struct header *header,
                                     const char *names, size_t size);

/* Returns the text of an error in a #Fields header; NULL for HEADER_GOOD.  HEADER_FOREIGN has the text of
 * HEADER_WITHOUT_TIME. */
const char *header_error_text(enum header_error error);

static inline bool header_has(const struct header *header, enum column column)
{
    return header->position[column] >= 0;
}

/* Whether rows of the header ROWS would be misread by the header OTHER: a column has another place in them. */
bool header_misreads(const struct header *other, const struct header *rows);

/* Returns whether a log has one of path, status, method, size, host, client, request ID and edge location: without all
 * of them, it is none of requests. */
bool header_has_request(const struct header *header);

/* Returns whether the log is a streaming (RTMP) distribution's. */
bool header_is_streaming(const struct header *header);

/* Returns how many columns the log has if they are the first ones of the normalized log, in its
 * order, and at least all before COLUMN_EXTRA; else 0. */
size_t header_normalized_columns(const struct header *header);

#endif
