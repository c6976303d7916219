/* Reads the bytes of one object after another, gzip or not, and adds what they hold to sorts: the
 * records of download logs normalized, and the events of streaming logs, by event_write() and with
 * their connection's hash for an object, for the views to be made of them.  One reader serves one
 * thread. */
#ifndef LOG_READER_H
#define LOG_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/normalize.h"
#include "sort/sort.h"

/* A longer row, in bytes without its line end, is bad: CloudFront takes no request that could
 * make one (a URL of 8 KiB, headers of 32 KiB, each byte encoded as three, twice over). */
enum { READER_ROW_MAX = 256 * 1024 };

/* Of a streaming log, so that a view's record, which may be six times as long, keeps the above. */
enum { READER_EVENT_MAX = 40 * 1024 };

struct reader;

/* What was found in one object. */
struct reader_summary {
    uint64_t records;                /* or events */
    uint64_t bad, first_bad_line;    /* rows that are no record; the first one's line, from 1 */
    const char *first_bad_cause;     /* a constant text */
    uint64_t inner_bad, inner_aside; /* what a normalized log says was left out when it was made */
    unsigned missing; /* bits, 1 << enum column: columns that AWStats needs and the log lacks */
};

/* The kinds of distribution whose logs are taken; the other's are refused. */
enum reader_kinds { READER_ALL, READER_DOWNLOAD, READER_STREAMING };

struct reader_options {
    struct normalize_options normalize;
    enum reader_kinds kinds;
};

/* NULL when memory has run out.  The writers are not owned. */
struct reader *reader_new(struct sort_writer *records, struct sort_writer *events,
                          const struct reader_options *options);
void reader_free(struct reader *reader);

void reader_begin(struct reader *reader, uint32_t object);

/* Takes the next piece of the object, of any size below 2 GiB.  False: the object cannot be read,
 * reader_problem() says why; nothing more is to be fed, and its records must be dropped. */
bool reader_feed(struct reader *reader, const unsigned char *piece, size_t size);

/* The object has ended.  False as above. */
bool reader_end(struct reader *reader, struct reader_summary *summary);

/* What the #Fields header says that was read last in the object. */
struct reader_header {
    bool is_streaming, is_normalized;
    size_t field_count;
};

/* False when there was none yet. */
bool reader_get_header(const struct reader *reader, struct reader_header *header);

/* The lines of a normalized log that was read that say of which batch it is, with their LFs; ""
 * when it has none. Valid until reader_begin(). */
const char *reader_batch_lines(const struct reader *reader);

/* Why the object cannot be read: what is wrong and what to do; valid until reader_begin(). */
const char *reader_problem(const struct reader *reader);

/* Whether the problem is a sort's (temporary files, memory) and not the object's. */
bool reader_sort_failed(const struct reader *reader);

#endif
