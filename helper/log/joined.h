/* Finds data that was joined to the text of a log, as by "cat a.log b.gz", also where the last line of the first log
 * has no line end. */
#ifndef LOG_JOINED_H
#define LOG_JOINED_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "log/format.h"
#include "normalized/clock.h"

/* Returns the error of a line that is no row and in which compressed data or a Parquet file may begin: a constant text;
 * NULL when none does.  Stores whether the data is certain: the data begins with the line, or behind a last line
 * without LF and with a control byte.  A line may begin with a text of the visitor (log/visitor_text.h), which has no
 * byte above 126 if the log encodes values.  If the data is not certain, the lines behind tell.  The next line that is
 * no row belongs to the data if joined_is_binary() is true of this line.  A row shows that there is no data. */
const char *joined_find_data(const char *line, size_t size, bool *is_certain);

/* The same for a line that is a row: data is certain if it goes on in the last value, which CloudFront alone writes, or
 * with which the row or the log is cut off.  Else it may be a text of the visitor that is not encoded. */
const char *joined_find_data_in_row(const struct log *log, const char *line, size_t size,
                                    bool *is_certain);

/* Whether one of the bytes is a control byte, other than those between and within JSON objects.  No request can carry a
 * control byte, so no visitor can make a log look corrupt. */
bool joined_is_binary(const char *s, size_t size);

/* The error of a line that holds a row and another one, or another log. */
extern const char joined_error[];

/* Whether a row may begin in a value: there is room for a date and a time, and a byte of them. */
static inline bool joined_may_be_in(struct field value)
{
    return value.size > CLOCK_DATE_SIZE + CLOCK_TIME_SIZE &&
           (memchr(value.text, ':', value.size) || memchr(value.text, '.', value.size));
}

/* Whether a log or a row may have been joined to the row of a line: there is a byte that logs encode, such as a
 * quotation mark or a space, or another number of values, or the last one may have a row.  KIND is what the whole line
 * is.  Quick. */
static inline bool joined_may_follow(const struct log *log, enum line_kind kind)
{
    const struct fields *fields = &log->fields;
    return kind == LINE_BAD ||
           (kind == LINE_ROW &&
            (!fields->are_plain || log->layout.is_open || fields->count < log->header.field_count ||
             joined_may_be_in(fields->field[fields->count - 1])));
}

/* Returns how many bytes of a line are before another log that begins inside: a header, or JSON objects up to the end
 * of the line.  0 when none does.
 *
 * If these bytes are a whole row, the log was joined, or the last value of the row has such a text.  A visitor can
 * write that only if the last column has texts of visitors (log/visitor_text.h): CloudFront writes the rest of the row,
 * and no JSON, behind any other text.  So the last column tells whether the other log may be read. */
size_t joined_find_log(struct log *log, const char *line, size_t size);

/* Returns how many records are lost if the bytes of a line from AT on are not read; joined_find_log() or
 * joined_find_record() found AT.  The records are rows, and JSON objects with a time, also if they are cut off.  A
 * header counts as one record, since the rows behind it may be misread, unless it names the same fields or none. */
size_t joined_count_lost(struct log *log, const char *line, size_t size, size_t at);

/* Returns how many bytes of a line are before the second record in it: a row, or JSON objects that do not go on to the
 * end of the line.  0 when there is none.  A row begins with a date and a time, or with a time with milliseconds and an
 * address, and the delimiter of the log or another usual one between.  The second record is never certain: a visitor
 * whose text is not encoded could have written it, with the end of the first row before it.
 *
 * Reads the values of the row, so call it before joined_find_log(), which may overwrite them. */
size_t joined_find_record(struct log *log, enum line_kind kind, const char *line, size_t size);

/* Whether a row that was joined to this line can only be in its last value: the line has as many TABs as a row of the
 * log.  Then all other values are those of the first row.  Reads the values of the row, too. */
bool joined_is_in_last_value(const struct log *log, enum line_kind kind, const char *line,
                             size_t size);

/* Returns how many records begin in a malformed value of a JSON log, without the first one; 0 if the value is one whole
 * object. */
size_t joined_count_more(struct log *log, const char *text, size_t size);

/* Returns how many bytes of a #Fields line, or of a line of names (log/names.h), are before a row or JSON objects that
 * were joined to it; 0 when none were. */
size_t joined_find_behind_names(struct log *log, const char *line, size_t size);

#endif
