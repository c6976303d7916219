/* Numbers as bytes, the highest byte first, so that memcmp() orders them. */
#ifndef TEXT_BIG_ENDIAN_H
#define TEXT_BIG_ENDIAN_H

#include <stddef.h>
#include <stdint.h>

/* Writes the lowest SIZE bytes of a number, 8 at most. */
static inline void big_endian_put(uint8_t *bytes, uint64_t number, size_t size)
{
    for (size_t i = size; i-- > 0; number >>= 8)
        bytes[i] = (uint8_t)number;
}

/* Reads a number of SIZE bytes, 8 at most. */
static inline uint64_t big_endian_get(const uint8_t *bytes, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return number;
}

#endif
