/* Numbers with any number of bits, also fewer than eight, packed one after the other, the lowest bit first. */
#ifndef PARQUET_BITS_H
#define PARQUET_BITS_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BITS_WIDTH_MAX = 57 }; /* so that a number is always inside eight bytes */

/* Returns the number of WIDTH bits, at most BITS_WIDTH_MAX, whose first bit is BIT of AT.  Bits behind
 * END are 0. */
static inline uint64_t bits_get(const unsigned char *at, const unsigned char *end, uint64_t bit,
                                unsigned width)
{
    const unsigned char *s = at + bit / 8;
    uint64_t bytes = 0;
    memcpy(&bytes, s, end - s >= 8 ? 8 : (size_t)(end - s));
    return le64toh(bytes) >> bit % 8 & (((uint64_t)1 << width) - 1);
}

#endif
