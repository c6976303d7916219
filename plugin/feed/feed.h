/* Reads the normalized log from a pipe or a stream, line by line, and makes sure that no line is missing.
 *
 * A feed returns every line of one stream as it is, header lines too, and checks what the stream
 * says about itself (normalized/frame.h has the header lines and #End):
 *
 *   - The stream begins with #Version: 1.0, and #Software comes before #Fields.
 *   - #Fields has exactly the names of normalized/columns.def.
 *   - #Batch and #Site come together; #Formerly, #History, #Previous, #Files and #Replaces only
 *     with #Batch; each at most once.
 *   - Any other header line may come before the first record, and none behind it.
 *   - #End is the last line, and counts the records that came before it. */
#ifndef PLUGIN_FEED_FEED_H
#define PLUGIN_FEED_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalized/record.h"
#include "normalized/stream.h"

enum feed_result {
    FEED_LINE,        /* a line was returned */
    FEED_END,         /* the whole stream was returned, and it is complete */
    FEED_INTERRUPTED, /* a signal may have come while waiting for bytes; call again to go on */
    FEED_BROKEN,      /* the stream must not be used: feed_error() says why, now and ever after */
};

/* The kind of distribution that the first record belongs to. */
enum feed_kind {
    FEED_NO_RECORD, /* no record was returned yet */
    FEED_DOWNLOAD,
    FEED_STREAMING, /* its x-event is not "-" */
};

struct feed;

/* Makes a feed on FD, which the caller closes.  A pipe is made as large as the system allows a user
 * (up to 1 MiB), so that its writer can go on while the reader is busy.  NULL when memory has run
 * out. */
struct feed *feed_new(int fd);

/* The same on a stream, which must last as long as the feed, and may split the records. */
struct feed *feed_new_stream(const struct normalized_stream *stream);
void feed_free(struct feed *feed);

/* Returns the next line with its LF; the bytes stay valid until the next call. */
enum feed_result feed_line(struct feed *feed, const char **line, size_t *size);

/* Returns the record of the line returned last, split; valid until the next feed_line().  The first
 * call for a line splits it.  NULL when the line is not a record, or leaves doubt
 * (normalized/record.h). */
const struct record *feed_record(struct feed *feed);

/* Returns about how many records the log has at most, if a writer in the same process tells; call after the first line.
 * 0: it is not known. */
uint64_t feed_expected_records(const struct feed *feed);

/* Lets such a writer leave the splitting of lines to the reader. */
void feed_take_lines(const struct feed *feed);

/* Returns the records behind that line that have come, and are split already, and how many: none when the log comes
 * through a descriptor. */
const struct record *feed_next_records(const struct feed *feed, size_t *count);

enum feed_kind feed_kind(const struct feed *feed);

/* Sets what feed_new_period() tells.  date_length: how many bytes of "YYYY-MM-DD HH:MM" (with a TAB)
 * tell one period of the history from the next. */
void feed_watch(struct feed *feed, size_t date_length);

/* The stream's batch and its site; NULL when the header, as far as it was returned, has none. */
const char *feed_batch(const struct feed *feed);
const char *feed_site(const struct feed *feed);

/* The site's earlier names, and the AWStats history that counts its batches, as the header writes
 * them; NULL when the header does not say. */
const char *feed_formerly(const struct feed *feed);
const char *feed_history(const struct feed *feed);

/* The batch before this one, "-" for none, and the batches that this one replaces, a space between;
 * NULL when the header does not say. */
const char *feed_previous(const struct feed *feed);
const char *feed_replaces(const struct feed *feed);

/* The batch that each history file has, "PERIOD=ID", a space between; NULL when the header does not
 * say. */
const char *feed_files(const struct feed *feed);

/* Whether the line returned last is a batch's record of another period than the record before. */
bool feed_new_period(const struct feed *feed);

uint64_t feed_records(const struct feed *feed); /* records returned */

/* Says why the stream must not be used, as the end of a sentence; NULL while it may be used. */
const char *feed_error(const struct feed *feed);

/* Whether the writer has closed the stream: then an error of the stream may follow from the
 * writer's own failure. */
bool feed_at_end(const struct feed *feed);

uint64_t feed_offset(const struct feed *feed); /* bytes returned */

#endif
