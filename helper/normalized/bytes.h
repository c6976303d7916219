/* Finds bytes of some kind in a text, 64 bytes at a time where the processor can. */
#ifndef NORMALIZED_BYTES_H
#define NORMALIZED_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Bytes looked at in one step. */
enum { BYTES_STEP = 64 };

/* Returns whether a byte is of the kind. */
typedef bool bytes_test(unsigned char byte);

#ifdef __SSE2__
/* Returns a byte of 128 or more for each of 16 bytes that is of the kind, a smaller one for the others. */
typedef __m128i bytes_finder(__m128i bytes);
#endif

/* A kind of byte. */
struct bytes_kind {
    bytes_test *test;
#ifdef __SSE2__
    bytes_finder *find;
#endif
};

/* What bytes_visit() calls for each byte of the kind.  Returns false to end the search. */
typedef bool bytes_visitor(void *user, const char *byte);

#ifdef __SSE2__
/* Returns where in 16 bytes those of the kind are: a bit for each byte, the lowest for the first. */
__attribute__((always_inline)) static inline uint64_t bytes_in_16(const char *text,
                                                                  bytes_finder *find)
{
    return (unsigned)_mm_movemask_epi8(find(_mm_loadu_si128((const __m128i *)(const void *)text)));
}

__attribute__((always_inline)) static inline uint64_t bytes_in_step(const char *text,
                                                                    bytes_finder *find)
{
    return bytes_in_16(text, find) | bytes_in_16(text + 16, find) << 16 |
           bytes_in_16(text + 32, find) << 32 | bytes_in_16(text + 48, find) << 48;
}
#endif

/* Calls VISIT for the bytes of the KIND in SIZE bytes, from left to right.  Returns false when VISIT did.
 * Inline as the functions of KIND and VISIT are to be, so that what USER points to stays in registers. */
__attribute__((always_inline)) static inline bool
bytes_visit(const char *text, size_t size, struct bytes_kind kind, bytes_visitor *visit, void *user)
{
    const char *end = text + size;
#ifdef __SSE2__
    for (; end - text >= BYTES_STEP; text += BYTES_STEP)
        for (uint64_t found = bytes_in_step(text, kind.find); found; found &= found - 1)
            if (!visit(user, text + (unsigned)__builtin_ctzll(found)))
                return false;
    if (text < end && size >= BYTES_STEP) { /* the last step overlaps */
        size_t seen = (size_t)(text + BYTES_STEP - end);
        text = end - BYTES_STEP;
        for (uint64_t found = bytes_in_step(text, kind.find) >> seen << seen; found;
             found &= found - 1)
            if (!visit(user, text + (unsigned)__builtin_ctzll(found)))
                return false;
        text = end;
    }
#endif
    for (; text < end; text++)
        if (kind.test((unsigned char)*text) && !visit(user, text))
            return false;
    return true;
}

#endif
