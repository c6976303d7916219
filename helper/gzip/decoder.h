/* The decoder of one gzip member, which a library provides for inflate.c. */
#ifndef GZIP_DECODER_H
#define GZIP_DECODER_H

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

#endif
