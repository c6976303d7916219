/* What stands around the records of a normalized log.
 *
 *   #Version: 1.0
 *   #Software: awstats-cloudfront VERSION
 *   #Fields: NAME NAME ...
 *   #Batch: ID                   (these two where a site's state is kept)
 *   #Site: NAME CONFIGURATION
 *   (records)
 *   #End: records=N bad=N aside=N
 *
 * A log without its #End line is not whole. */
#ifndef LOG_FRAME_H
#define LOG_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/buffer.h"

#define FRAME_SOFTWARE "#Software: awstats-cloudfront"
#define FRAME_BATCH    "#Batch:"
#define FRAME_SITE     "#Site:"
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

/* Adds the lines that say of which batch and site the log is.  In SITE and CONFIGURATION, the
 * configuration file's path, what is no visible ASCII character, and "%", is written as %XX.  False
 * when memory has run out. */
bool frame_add_batch(struct buffer *out, const char *id, const char *site,
                     const char *configuration);

/* Reads an #End line of SIZE bytes, without its line end.  False when it is not one. */
bool frame_parse_end(const char *line, size_t size, struct frame_end *end);

#endif
