/* Decompresses zstd data (RFC 8878) that comes in pieces: one frame or several in a row, and skippable frames,
 * which hold no data.  If a frame has a checksum, the checksum is verified.  A frame that needs more than
 * UNZSTD_WINDOW_MAX bytes of the text before is an error, so that memory is bounded: only zstd --long and
 * --ultra make such frames. */
#ifndef ZSTD_UNZSTD_H
#define ZSTD_UNZSTD_H

#include <stdbool.h>
#include <stddef.h>

enum { UNZSTD_WINDOW_LOG = 23, UNZSTD_WINDOW_MAX = 1 << UNZSTD_WINDOW_LOG };

struct unzstd;

/* Makes a decompressor; NULL when memory has run out.  One serves any number of objects, one after
 * another. */
struct unzstd *unzstd_new(void);
void unzstd_free(struct unzstd *unzstd);
void unzstd_begin(struct unzstd *unzstd); /* the next piece begins an object */

/* As inflate_run() of gzip/inflate.h. */
bool unzstd_run(struct unzstd *unzstd, const unsigned char **in, size_t *in_size,
                unsigned char *out, size_t *out_size);

/* Returns whether the data may end here: after a complete frame. */
bool unzstd_is_complete(const struct unzstd *unzstd);

/* Returns why unzstd_run() failed, and what to do: a constant text. */
const char *unzstd_error(const struct unzstd *unzstd);

/* Returns whether S begins like zstd data; UNZSTD_MAGIC_SIZE bytes tell. */
enum { UNZSTD_MAGIC_SIZE = 4 };
bool unzstd_is_zstd(const unsigned char *s, size_t size);

#endif
