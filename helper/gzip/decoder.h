/* The decoder of one gzip member, which a library provides for inflate.c. */
#ifndef GZIP_DECODER_H
#define GZIP_DECODER_H

#include <stdbool.h>
#include <stddef.h>

struct decoder;

struct decoder *decoder_new(void); /* NULL when memory has run out */
void decoder_free(struct decoder *decoder);
void decoder_begin(struct decoder *decoder);

enum decoder_result { DECODER_MORE, DECODER_MEMBER_ENDS, DECODER_CORRUPT };

/* Decodes like inflate_run().  At DECODER_MEMBER_ENDS the header, the checksum and the length are
 * right, and *IN is past the member's last byte. */
enum decoder_result decoder_run(struct decoder *decoder, const unsigned char **in, size_t *in_size,
                                unsigned char *out, size_t *out_size);

/* Decodes a whole member at once, which is faster, if IN has all of it, and OUT room for it.  Then does what
 * decoder_run() does at DECODER_MEMBER_ENDS, with no decoder_begin() before, and returns true.  Returns false for a
 * member that only decoder_run() can tell about; nothing has changed then, but for the bytes at OUT. */
bool decoder_run_whole(struct decoder *decoder, const unsigned char **in, size_t *in_size,
                       unsigned char *out, size_t *out_size);

#endif
