/* Unpacks a block of LZ4:
 *
 *     https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */
#ifndef PARQUET_LZ4_H
#define PARQUET_LZ4_H

#include <stdbool.h>
#include <stddef.h>

/* Unpacks IN_SIZE bytes, which must become SIZE bytes.  Returns false when they do not; then OUT may have any
 * bytes. */
bool lz4_unpack(const unsigned char *in, size_t in_size, unsigned char *out, size_t size);

#endif
