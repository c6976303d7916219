/* The lines around the records of a normalized log: the one place that writes and reads them.
 *
 *   #Version: 1.0
 *   #Software: awstats-cloudfront VERSION
 *   #Fields: NAME NAME ...
 *   #Batch: ID                   (this line and the next six: only where a site has a ledger)
 *   #Site: NAME CONFIGURATION
 *   #Formerly: NAME NAME ...     (earlier names of the site, if there are any)
 *   #History: NAME               (the AWStats history that counts the batches, if that is known)
 *   #Previous: ID | -            (the last batch that AWStats has counted, if that is known)
 *   #Files: PERIOD=ID ...        (the batch that each AWStats history file has, if that is known)
 *   #Replaces: ID ID ...         (earlier revisions of this batch, if there are any)
 *   (records)
 *   #End: records=N bad=N quarantined=N [repeated=N]
 *
 * A log without its #End line is truncated.  Up to version 0.1 the log had fewer columns, the first
 * ones of today, and #End had aside=N instead of quarantined=N. */
#ifndef NORMALIZED_FRAME_H
#define NORMALIZED_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalized/field.h"
#include "text/buffer.h"

/* The #End line's numbers. */
struct frame_end {
    uint64_t records;     /* in the log */
    uint64_t bad;         /* rows that are not records, and were left out */
    uint64_t quarantined; /* objects that could not be read */
    uint64_t repeated;    /* records left out because an earlier one has their request ID */
};

enum { FRAME_HEADER_SIZE = 1024, FRAME_END_SIZE = 128 };

/* Each writes its lines, with LF, and returns their size. */
size_t frame_put_header(char out[FRAME_HEADER_SIZE], const char *version);
size_t frame_put_end(char out[FRAME_END_SIZE], const struct frame_end *end);

/* The batch and the site of a log. */
struct frame_batch {
    const char *id, *site;
    const char *configuration; /* path of the file */
    const char *former;        /* names, LF between, or NULL */
    const char *history;       /* NULL when it is not known */
    const char *previous;      /* "" when it is not known, "-" for none */
    const char *files;         /* as ledger_get_files(), or NULL */
    const char *replaces;      /* IDs, a space between, or "" */
};

/* Adds the lines that name the batch.  In names and paths, "%" and every byte that is not a visible
 * ASCII character is written as %XX. */
void frame_add_batch(struct buffer *out, const struct frame_batch *batch);

/* The lines of a log that begin with "#". */
enum frame_line {
    FRAME_OTHER, /* a line that is not one of these */
    FRAME_VERSION,
    FRAME_SOFTWARE, /* of awstats-cloudfront; other programs' lines are FRAME_OTHER */
    FRAME_FIELDS,
    FRAME_BATCH,
    FRAME_SITE,
    FRAME_FORMERLY,
    FRAME_HISTORY,
    FRAME_PREVIOUS,
    FRAME_FILES,
    FRAME_REPLACES,
    FRAME_END
};

/* Returns which line this is: SIZE bytes, without a line end.  VALUE gets the bytes after the
 * line's name and the space: the version of FRAME_SOFTWARE, the names of FRAME_FIELDS and so on. */
enum frame_line frame_read_line(const char *line, size_t size, struct field *value);

/* Returns whether the value of #Fields has exactly the columns of the normalized log. */
bool frame_names_all_columns(struct field value);

/* Reads the value of #End: records=N, then any number of NAME=N with a space before each.  Returns
 * false when the value is anything else. */
bool frame_read_end(struct field value, struct frame_end *end);

/* Returns whether a value is IDs of batches with one space between. */
bool frame_has_ids(struct field value);

/* Returns whether a value is pairs PERIOD=ID, a period being four to ten digits, with one space
 * between. */
bool frame_has_files(struct field value);

#endif
