/* Inflates gzip data that comes in pieces: one member or several in a row.  The checksum and length
 * of each are verified.  Zero bytes after the last member are padding; anything else is an error.
 *
 * Libraries decode a member: decoder_isal.c or decoder_zlib.c, chosen when building.  It is fastest when a piece has
 * the whole member. */
#ifndef GZIP_INFLATE_H
#define GZIP_INFLATE_H

#include <stdbool.h>
#include <stddef.h>

struct inflate;

/* Makes an inflater; NULL when memory has run out.  One inflater serves any number of objects, one
 * after another. */
struct inflate *inflate_new(void);
void inflate_free(struct inflate *inflate);
void inflate_begin(struct inflate *inflate); /* the next piece begins an object */

/* Reads from *IN (*IN_SIZE bytes) and writes to OUT (*OUT_SIZE bytes of room), both below 2 GiB.
 * Moves *IN and *IN_SIZE past the bytes that were read, and stores in *OUT_SIZE how many were
 * written.  The caller calls it again while there is input or OUT was filled.  Returns false when
 * the data is corrupt. */
bool inflate_run(struct inflate *inflate, const unsigned char **in, size_t *in_size,
                 unsigned char *out, size_t *out_size);

/* Returns whether the data may end here: after a complete member. */
bool inflate_is_complete(const struct inflate *inflate);

/* Returns whether S begins like gzip data (RFC 1952, section 2.3.1). */
bool inflate_is_gzip(const unsigned char *s, size_t size);

#endif
