/* Finds data that was joined to the text of a log, as by "cat a.log b.gz", also where the last line of the first log has
 * no line end. */
#ifndef LOG_JOINED_H
#define LOG_JOINED_H

#include <stdbool.h>
#include <stddef.h>

#include "log/format.h"

/* Returns the error of a malformed line in which compressed data or a Parquet file begins: a constant text; NULL
 * when none does. */
const char *joined_find_data(const char *line, size_t size);

/* The error of a line that holds a row and another one, or another log. */
extern const char joined_error[];

/* Whether a log or a row may have been joined to the row of a line: there is a byte that logs encode, such as a
 * quotation mark or a space, or another number of values.  KIND is what the whole line is.  Quick. */
static inline bool joined_may_follow(const struct log *log, enum line_kind kind)
{
    return kind == LINE_BAD ||
           (kind == LINE_ROW && (!log->fields.are_plain || log->layout.is_open ||
                                 log->fields.count < log->header.field_count));
}

/* Returns how many bytes of a line are before another log that begins inside: a header, or JSON objects up to the end
 * of the line.  0 when none does.
 *
 * If these bytes are a whole row, the log was joined, or the last value of the row has such a text.  A visitor can
 * write that only if the last column has texts of visitors (log/visitor_text.h): CloudFront writes the rest of the row,
 * and no JSON, behind any other text.  So the last column tells whether the other log may be read. */
size_t joined_find_log(struct log *log, const char *line, size_t size);

/* Returns how many bytes of a line are before a second row in it: a row begins with a date and a time, or with a time with
 * milliseconds and an address, and the delimiter of the log or a TAB between.  0 when there is none.  Stores in *IS_CLEAR whether
 * the line begins with the first row, and the second begins behind the first one's last value, without a delimiter.
 *
 * If these bytes are then a whole row, and the line has nothing that a log would encode, the row was joined.  A visitor
 * would need the delimiter in his text: a log that does not encode values has those in quotation marks. */
size_t joined_find_row(const struct log *log, enum line_kind kind, const char *line, size_t size,
                       bool *is_clear);

#endif
