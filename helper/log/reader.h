/* Reads the bytes of one object after another, gzip or not, and adds their contents to two sorts.
 *
 * The records of download logs and of normalized logs are added to the one; the events of streaming
 * logs, from which views are made, to the other: in the form of event_write(), with the
 * connection's hash in place of the object's number.  The bytes go through log/lines.h,
 * log/format.h and log/normalize.h.  One reader serves one thread. */
#ifndef LOG_READER_H
#define LOG_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/format.h"
#include "log/hosts.h"
#include "log/lines.h"
#include "log/normalize.h"
#include "sort/sort.h"
#include "text/digest.h"

/* The most bytes of a row and of a record, without line end; longer ones are bad. */
enum { READER_ROW_MAX = LINES_SIZE_MAX };

struct reader;

/* What one object holds. */
struct reader_summary {
    uint64_t records;             /* or events */
    struct hosts hosts;           /* the records that are left out, as they are of other hosts */
    uint64_t bad, first_bad_line; /* rows that are not records; the number of the first, from 1 */
    const char *first_bad_error;  /* a constant text */
    uint64_t inner_bad, inner_quarantined; /* the numbers of a normalized log's #End */
    unsigned missing;                      /* columns that the log lacks: bits of missing_find() */
    struct digest digest;                  /* of its whole text, with has_digest */
};

struct reader_options {
    struct normalize_options normalize;
    enum reader_kinds kinds;
    const char *hosts;  /* patterns of the hosts whose records are read; NULL: all */
    const char *fields; /* the columns of logs without a header, for layout_parse(); or NULL */
    struct delimiter delimiter; /* between values, where the log leaves a doubt; size 0: none */
    /* Bytes of an object, as lines_set_max_inflated(); 0: 2 GiB in Parquet, else no limit. */
    uint64_t max_inflated;
    /* Adds the number of the object and of the line (from 1) to each record, a TAB before each;
     * keeps the rows of streaming logs as they are, in the place of events. */
    bool keeps_places;
    bool has_digest; /* makes the digest of the summary */
};

/* Room for what keeps_places adds. */
enum { READER_PLACE_SIZE = 2 * (1 + 20) };

/* Makes a reader; NULL when memory has run out.  The writers stay the caller's. */
struct reader *reader_new(struct sort_writer *records, struct sort_writer *events,
                          const struct reader_options *options);
void reader_free(struct reader *reader);

/* Begins an object: the next piece is its first. */
void reader_begin(struct reader *reader, uint32_t object);

/* Takes the next piece of the object, of less than 2 GiB.  False: the object cannot be read, and
 * reader_error() says why; the caller feeds no more of it, and drops its records. */
bool reader_feed(struct reader *reader, const unsigned char *piece, size_t size);

/* Ends the object.  False as above. */
bool reader_end(struct reader *reader, struct reader_summary *summary);

/* Returns what the object holds up to here. */
const struct reader_summary *reader_so_far(const struct reader *reader);

/* What the last #Fields header says. */
struct reader_header {
    bool is_streaming, is_normalized;
    size_t field_count;
    unsigned missing; /* columns that the log lacks: bits of missing_find() */
};

/* Returns false when the object has had no #Fields header yet. */
bool reader_get_header(const struct reader *reader, struct reader_header *header);

/* Returns why the object cannot be read and what to do; valid until reader_begin(). */
const char *reader_error(const struct reader *reader);

/* Why an object cannot be read. */
enum reader_reason {
    READER_UNREADABLE, /* a log that is corrupt, or that a setting must describe */
    READER_FOREIGN,    /* data of another kind: the error names it */
    READER_UNKNOWN     /* data of no kind that is known */
};
enum reader_reason reader_reason(const struct reader *reader);

/* Returns whether the error is a sort's (temporary files, memory) and not the object's. */
bool reader_sort_failed(const struct reader *reader);

#endif
