/* What stands around the records of a normalized log.
 *
 *   #Version: 1.0
 *   #Software: awstats-cloudfront VERSION
 *   #Fields: NAME NAME ...
 *   #Batch: ID                   (these where a site's state is kept)
 *   #Site: NAME CONFIGURATION
 *   #Previous: ID | -            (the last batch that AWStats has counted, if that is known)
 *   #Replaces: ID ID ...         (batches of which this one is what can still be had, if any)
 *   (records)
 *   #End: records=N bad=N aside=N
 *
 * A log without its #End line is not whole. */
#ifndef NORMALIZED_FRAME_H
#define NORMALIZED_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/buffer.h"

#define FRAME_SOFTWARE "#Software: awstats-cloudfront"
#define FRAME_BATCH    "#Batch:"
#define FRAME_SITE     "#Site:"
#define FRAME_PREVIOUS "#Previous:"
#define FRAME_REPLACES "#Replaces:"
#define FRAME_END      "#End:"

struct frame_end {
    uint64_t records; /* that stand in the log */
    uint64_t bad;     /* rows that were no records */
    uint64_t aside;   /* objects that could not be read */
};

enum { FRAME_HEADER_SIZE = 1024, FRAME_END_SIZE = 96 };

/* Each writes its lines, with LF, and returns their size. */
size_t frame_put_header(char out[FRAME_HEADER_SIZE], const char *version);
size_t frame_put_end(char out[FRAME_END_SIZE], const struct frame_end *end);

/* Of which batch and site a log is. */
struct frame_batch {
    const char *id, *site;
    const char *configuration; /* path of the file */
    const char *previous;      /* "" when it is not known, "-" for none */
    const char *replaces;      /* IDs, a space between, or "" */
};

/* Adds the lines that say so.  In names and paths what is no visible ASCII character, and "%", is
 * written as %XX.  False when memory has run out. */
bool frame_add_batch(struct buffer *out, const struct frame_batch *batch);

/* Whether a line is one of those. */
bool frame_is_of_batch(const char *line, size_t size);

/* Reads an #End line of SIZE bytes, without its line end.  False when it is not one. */
bool frame_parse_end(const char *line, size_t size, struct frame_end *end);

#endif
