/* Reads numbers of the encoding DELTA_BINARY_PACKED: the lengths of values, and whole numbers.
 *
 *     https://parquet.apache.org/docs/file-format/data-pages/encodings/
 *
 * A header, and blocks of as many numbers; each block has the least difference between a number and the
 * one before it, and, in several parts, how much more each difference is. */
#ifndef PARQUET_DELTA_H
#define PARQUET_DELTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DELTA_PARTS_MAX = 512 };

struct delta {
    const unsigned char *at, *end; /* of the next block; and of all bytes */
    uint64_t left;                 /* numbers to come */
    uint64_t next;                 /* the next one */
    bool is_first;                 /* which is in the header */
    uint64_t part_size;            /* numbers of a part */
    unsigned parts;                /* of a block */
    const unsigned char *widths;   /* of the parts of this block, from PART on */
    unsigned part;
    uint64_t least;
    const unsigned char *packed; /* of this part */
    unsigned width;
    uint64_t in_part; /* differences of it that were read */
};

/* Begins to read the bytes from AT to END.  Returns false when they do not begin as such numbers do. */
bool delta_begin(struct delta *delta, const unsigned char *at, const unsigned char *end);

/* Reads a number.  Returns false when there is none, or when it is not from 0 to 2^31 - 1. */
bool delta_read(struct delta *delta, uint32_t *number);

/* Reads a number of 64 bits, in two's complement; its low half is that of a number of 32 bits.  Returns false
 * when there is none. */
bool delta_read_whole(struct delta *delta, uint64_t *number);

/* Returns where the bytes of all numbers end; NULL when they are not all there.  For numbers of which
 * none was read. */
const unsigned char *delta_end(const struct delta *delta);

#endif
