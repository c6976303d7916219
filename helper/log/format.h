/* The formats that logs have.  A format is one file with a struct format, and one line in format.c.
 *
 * The content of each object decides its format: format_find() asks each format in the
 * order of the table, once with the first bytes of the object, and once more with its first line.
 *
 * A format makes rows.  It describes the columns of its rows in log->header (header_begin(),
 * header_add()), prepares log->normalize with log_prepare(), and then fills log->fields for each row.
 * reader.c makes a record of each row, sorts it, and counts bad rows.  How the bytes come depends on
 * the unit:
 *
 *   LINES_LINE   read() takes each line.
 *   LINES_VALUE  read_value() takes a value from the start of the text, and says where it ends.
 *   LINES_WHOLE  read_whole() takes the whole object at once, when its last byte has come: the map of
 *                Parquet, for example, is at its end.  The object is in memory up to WHOLE_MEMORY_MAX,
 *                and a mapped temporary file beyond (log/whole.h).  The format calls ROW for each row.
 *
 * Bytes are decompressed before: no format sees gzip data. */
#ifndef LOG_FORMAT_H
#define LOG_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/delimiter.h"
#include "log/header.h"
#include "log/json_rows.h"
#include "log/layout.h"
#include "log/lines.h"
#include "log/misfit.h"
#include "log/normalize.h"
#include "log/normalized_log.h"
#include "log/split.h"

/* The kinds of distribution whose logs are accepted; logs of the other kind are rejected. */
enum reader_kinds { READER_ALL, READER_DOWNLOAD, READER_STREAMING };

struct format;

/* A #Fields header that a JSON log followed: rows after that log may still be of this header. */
struct log_kept {
    bool is_kept, is_real_time;
    struct header header;
    struct delimiter delimiter;
};

/* One object, as far as it was read.  Formats share it, and keep what they need in it. */
struct log {
    struct normalize_options options;
    enum reader_kinds kinds;
    uint64_t max_inflated;            /* bytes of the pages of a Parquet file, and of its rows */
    struct layout_given given;        /* the setting fields */
    struct delimiter given_delimiter; /* the setting delimiter; size 0: none */

    const struct format *format; /* NULL before the first line */
    uint64_t line;               /* number of the line, from 1 */
    bool is_line_unended;        /* lines_is_unended() */
    bool has_header;
    bool is_described;      /* by a #Fields header, of this part of the object */
    bool has_others_before; /* headers with other columns are directly before the #Fields header */
    bool is_version_last;   /* no header is behind the last #Version line */
    struct header header;   /* which column is where */
    struct header_known header_known;
    struct log_kept kept;
    bool is_streaming;
    struct normalize normalize;
    struct fields fields;             /* of the row that was read last */
    size_t fields_before;             /* how many the row before had; 0: none was before */
    unsigned missing;                 /* columns that the log lacks: bits of missing_find() */
    const char *missing_host;         /* the column of the host, if the log lacks it; or NULL */
    struct delimiter delimiter;       /* of the rows */
    struct delimiter names_delimiter; /* of the names in the #Fields header */
    bool is_unclear;                  /* no row up to now could be split */
    bool is_real_time;                /* the rows of a #Fields header are a real-time log's */
    bool has_names;       /* a line of names is in the place of the header (log/names.h) */
    bool are_names_first; /* no log is before them in the object */
    struct misfit misfit; /* of a table with such names, none of whose rows was read */
    bool has_backslashes; /* the values have them, as the names have */
    bool is_foreign;      /* the object was passed over */
    bool is_declared;     /* a directive such as #Version says that the object is a log */
    bool is_unknown;      /* nothing up to now is of a log: an error is of data of no known kind */
    bool is_row_next;     /* a row follows, whatever its first bytes are */
    struct layout_headers layout_headers;
    struct layout_state layout; /* of rows without a header */
    struct normalized_log normalized;
    struct json_rows json;
    /* LINES_SIZE_MAX bytes, for values that are not in the row as they are; after them, LINES_SIZE_MAX + LINES_SLACK
     * bytes for a row without its backslashes. */
    char *scratch;
    const char *error; /* a constant text, or error_text */
    char error_text[256];
};

/* The most bytes of a streaming row: a view's record can be six times as long as its row, and must
 * still be shorter than LINES_SIZE_MAX. */
enum { LOG_STREAMING_ROW_MAX = 40 * 1024 };

/* What a line is. */
enum line_kind {
    LINE_NOTHING, /* neither a record nor an error */
    LINE_ROW,     /* log->fields has the values of a record, or of an event if log->is_streaming */
    LINE_RECORD,  /* a record of log->normalized, to be copied unchanged */
    LINE_BAD,     /* a row that is not a record; log->error says why: a constant text */
    LINE_REFUSED, /* the object cannot be read; log->error says why */
    LINE_FOREIGN, /* the object holds something else than requests; log->error names it */
    LINE_MORE,    /* of read_value(): the value goes on after the text */
    LINE_OTHER    /* of read_value(): the text begins with a log of another format */
};

/* Takes log->fields as a row whose values have SIZE bytes together.  Returns false to stop: the reader
 * keeps the error. */
typedef bool log_take_row(void *user, size_t size);

struct format {
    enum lines_unit unit;

    /* Returns whether an object has the format, by its first bytes: as many as SIZE says, at most
     * LINES_HEAD.  NULL: they never tell; LINES_VALUE and LINES_WHOLE need it. */
    bool (*begins)(const char *head, size_t size);

    /* Returns whether an object has the format, by its first line.  LINES_LINE alone has it. */
    bool (*has_line)(const struct log *log, const char *line, size_t size);

    /* Reads a line.  Stores the time of LINE_RECORD (seconds since 1970-01-01 UTC). */
    enum line_kind (*read)(struct log *log, const char *line, size_t size, uint32_t *time);

    /* Skips a row that is too long, and is bad.  NULL: read() takes its first bytes. */
    void (*skip)(struct log *log);

    /* Reads the value at the start of TEXT, of SIZE bytes.  Stores in *USED how many bytes the value has, at least 1.
     * Returns LINE_MORE, and stores nothing, when the value does not end in TEXT; at the end of the object, or if TEXT
     * has LINES_VALUE_MAX bytes, it must not.  Log->fields may point into TEXT. */
    enum line_kind (*read_value)(struct log *log, const char *text, size_t size, bool is_end,
                                 size_t *used);

    /* Reads the whole object of SIZE bytes, and calls ROW for each row, in their order.  The bytes of
     * the fields must last until ROW returns.  Returns false when ROW did, and after an error of the
     * object, which is then log->error. */
    bool (*read_whole)(struct log *log, const unsigned char *data, size_t size, log_take_row *row,
                       void *user);

    /* Ends the object.  Returns LINE_NOTHING, or LINE_REFUSED or LINE_FOREIGN with log->error.  NULL:
     * there is nothing to do. */
    enum line_kind (*end)(struct log *log);
};

/* Returns the format of an object that begins with these bytes; NULL: its first line must tell. */
const struct format *format_find(const struct log *log, const char *head, size_t size);

/* Returns the format of an object that begins with this line; NULL when there is none. */
const struct format *format_find_line(const struct log *log, const char *line, size_t size);

/* Whether a line is a row of a log whose first column has texts of visitors, with which the line may begin
 * (log/visitor_text.h): of the #Fields header, of the one that is kept, or of the setting fields. */
bool log_has_visitor_row(const struct log *log, const char *line, size_t size);

/* Keeps the #Fields header of the part of the object that ends. */
void log_keep_header(struct log *log);

/* Begins a part of an object: the object itself, or a log of another format that was joined to the one before. */
void log_begin_part(struct log *log);

/* Takes log->header for the rows to come: finds out what the log lacks, and how to normalize it.
 * Returns false when the settings exclude such a log; then log->error says why. */
bool log_prepare(struct log *log, const struct normalize_meaning *meaning);

/* Store the error, and return the kind of line. */
enum line_kind log_refuse(struct log *log, const char *error);
enum line_kind log_reject(struct log *log, const char *error);
enum line_kind log_pass_over(struct log *log, const char *name);

/* The same as log_refuse() for data of no known kind, unless a directive says that they are a log. */
enum line_kind log_refuse_unknown(struct log *log, const char *error);

#endif
