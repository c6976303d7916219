/* Passes a normalized log through: its records are taken as they are.
 *
 * The log may come from an earlier version, whose records have fewer columns: the first ones of
 * today.  Several logs may follow one another in one object; each must end with its #End.
 *
 * The lines that name a batch and a site do not pass: a log is data, and must not decide which batch a
 * reader of the output commits. */
#ifndef LOG_NORMALIZED_LOG_H
#define LOG_NORMALIZED_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/header.h"
#include "normalized/frame.h"

/* Zeroed at birth. */
struct normalized_log {
    enum {
        NORMALIZED_NONE, /* the object has no normalized log, or another log follows it */
        NORMALIZED_OPEN, /* #Software was read, and #End is still to come */
        NORMALIZED_ENDED
    } state;
    size_t columns;            /* of its records */
    uint64_t records;          /* rows up to now */
    uint64_t bad, quarantined; /* what the #End lines say was left out when the logs were made */
    char version[48];          /* of the program that wrote it */
    char error[256];
};

/* Forgets all that belongs to an object. */
void normalized_log_begin(struct normalized_log *log);

/* Reads a line that begins with "#", and is not #Fields.  Returns NULL, or why the object cannot be
 * read; the text is valid until normalized_log_begin(). */
const char *normalized_log_read_directive(struct normalized_log *log, const char *line,
                                          size_t size);

/* Reads the #Fields header of an open log.  Returns as above. */
const char *normalized_log_read_header(struct normalized_log *log, const struct header *header);

/* Counts a row of an open log, and finds its time (seconds since 1970-01-01 UTC).  Returns NULL, or
 * why the row is not a record: a constant text. */
const char *normalized_log_read_row(struct normalized_log *log, const char *line, size_t size,
                                    uint32_t *time);

/* Writes the record of such a row to OUT, with absent values for the columns that it lacks, and LF.
 * OUT has room for normalize_room(SIZE) bytes.  Returns the record's size. */
size_t normalized_log_put(const struct normalized_log *log, const char *line, size_t size,
                          char *out);

#endif
