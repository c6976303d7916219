/* The formats that logs have.  A format is one file with a struct format, and one line in format.c.
 */
#ifndef LOG_FORMAT_H
#define LOG_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/split.h"
#include "log/header.h"
#include "log/normalize.h"
#include "log/normalized_log.h"

/* The kinds of distribution whose logs are accepted; logs of the other kind are rejected. */
enum reader_kinds { READER_ALL, READER_DOWNLOAD, READER_STREAMING };

struct format;

/* One object, as far as it was read.  Formats share it, and keep what they need in it. */
struct log {
    struct normalize_options options;
    enum reader_kinds kinds;

    const struct format *format; /* NULL before the first line */
    bool has_header;
    struct header header; /* which column is where */
    bool is_streaming;
    struct normalize normalize;
    struct fields fields; /* of the row that was read last */
    unsigned missing;     /* columns that the log lacks: bits of missing_find() */
    enum {
        SEPARATOR_UNKNOWN,
        SEPARATOR_UNCLEAR, /* no row up to now could be split */
        SEPARATOR_TAB,
        SEPARATOR_SPACE
    } separator;
    struct normalized_log normalized;
    const char *error;
};

/* What a line is. */
enum line_kind {
    LINE_NOTHING, /* neither a record nor an error */
    LINE_ROW,     /* log->fields has the values of a record, or of an event if log->is_streaming */
    LINE_RECORD,  /* a record of log->normalized, to be copied unchanged */
    LINE_BAD,     /* a row that is not a record; log->error says why: a constant text */
    LINE_REFUSED  /* the object cannot be read; log->error says why */
};

struct format {
    /* Returns whether an object has the format, by its first line. */
    bool (*begins)(const char *line, size_t size);

    /* Reads a line.  Stores the time of LINE_RECORD (seconds since 1970-01-01 UTC). */
    enum line_kind (*read)(struct log *log, const char *line, size_t size, uint32_t *time);

    /* Skips a row that is too long. */
    void (*skip)(struct log *log);

    /* Ends the object.  Returns NULL, or why it cannot be read: a constant text. */
    const char *(*end)(const struct log *log);
};

/* Returns the format of an object that begins with this line; NULL when there is none. */
const struct format *format_find(const char *line, size_t size);

#endif
