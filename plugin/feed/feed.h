/* The normalized log, read from a pipe: lines out, and the certainty that none is missing.
 *
 * A feed hands out every line of one stream as it stands, headers too, and checks on the way what
 * the stream says about itself:
 *
 *     #Version: 1.0
 *     #Software: awstats-cloudfront VERSION
 *     #Fields: COLUMNS              exactly the names of normalized/columns.h
 *     #Batch: ID                    only of a site: letters, digits, '-'
 *     #Site: NAME CONFIG            with every #Batch; blanks in either are %20
 *     #Previous: ID                 the batch before it, "-" for none
 *     #Replaces: ID ID...           batches that it stands for what is left of
 *     #NAME: VALUE                  any other header, before the first record
 *     RECORD
 *     #End: records=N NAME=VALUE... the last line; N records came before it
 */
#ifndef PLUGIN_FEED_FEED_H
#define PLUGIN_FEED_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum feed_result {
    FEED_LINE,        /* a line was handed out */
    FEED_END,         /* the whole stream was handed out, and it is complete */
    FEED_INTERRUPTED, /* a signal came while waiting for bytes; call again to go on */
    FEED_BROKEN,      /* the stream must not be used: feed_fault() says why, now and ever after */
};

/* Which distribution the first record is of. */
enum feed_kind {
    FEED_NO_RECORD, /* none was handed out yet */
    FEED_DOWNLOAD,
    FEED_STREAMING, /* its x-event is not "-" */
};

struct feed;

/* A feed on FD, which stays the caller's to close.  A pipe is made as large as the system allows a
 * user (up to 1 MiB), so that its writer can go on while the reader is busy.  NULL when memory has
 * run out. */
struct feed *feed_new(int fd);
void feed_free(struct feed *feed);

/* Hands out the next line with its LF; the bytes stay valid until the next call. */
enum feed_result feed_line(struct feed *feed, const char **line, size_t *size);

enum feed_kind feed_kind(const struct feed *feed);

/* What the caller wants to be told of records.  date_length: how many bytes of "YYYY-MM-DD HH:MM"
 * (with a TAB) tell one break from the next; partial: whether answers of status 206 matter. */
void feed_watch(struct feed *feed, size_t date_length, bool partial);

/* The batch that the stream is of, and its site; NULL when the header, as far as it was handed out,
 * names none. */
const char *feed_batch(const struct feed *feed);
const char *feed_site(const struct feed *feed);

/* The batch before this one, "-" for none, and the batches that this one replaces, a space between;
 * NULL when the header does not say. */
const char *feed_previous(const struct feed *feed);
const char *feed_replaces(const struct feed *feed);

/* Whether the line handed out last is a record of a batch, and of another break than the one
 * before; and whether it is one of status 206. */
bool feed_new_break(const struct feed *feed);
bool feed_partial(const struct feed *feed);

uint64_t feed_records(const struct feed *feed); /* records handed out */

/* What is wrong with the stream, as the end of a sentence; NULL while nothing is. */
const char *feed_fault(const struct feed *feed);

/* Whether the writer has come to its end: what is wrong then may be its failure's consequence. */
bool feed_at_end(const struct feed *feed);

uint64_t feed_offset(const struct feed *feed); /* bytes handed out */

#endif
