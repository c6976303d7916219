/* The bytes that divide a row: TABs, and those that decode_plain() might encode.  A row whose only such bytes are TABs
 * has values that are copied unchanged. */
#ifndef LOG_MARKS_H
#define LOG_MARKS_H

#include "normalized/bytes.h"

/* '!', which is copied, is among them, to save a comparison. */
static inline bool marks_test(unsigned char byte)
{
    return byte <= '"' || byte == '<' || byte == '>' || byte >= 127;
}

#ifdef __SSE2__
/* Bytes between '#' and 126 become the numbers from 0 on, and stay below 128 in the next addition; others do not: it
 * ends at 255.  '<' and '>' differ by one bit. */
static inline __m128i marks_find(__m128i bytes)
{
    const __m128i moved = _mm_sub_epi8(bytes, _mm_set1_epi8('#'));
    const __m128i outside = _mm_adds_epu8(moved, _mm_set1_epi8(127 - (126 - '#')));
    const __m128i angle = _mm_or_si128(bytes, _mm_set1_epi8('<' ^ '>'));
    return _mm_or_si128(outside, _mm_cmpeq_epi8(angle, _mm_set1_epi8('<' | '>')));
}
#endif

/* Calls VISIT with these bytes of a row of SIZE bytes, as bytes_visit(). */
__attribute__((always_inline)) static inline bool marks_visit(const char *row, size_t size,
                                                              bytes_visitor *visit, void *user)
{
    static const struct bytes_kind marks = {.test = marks_test,
#ifdef __SSE2__
                                            .find = marks_find
#endif
    };
    return bytes_visit(row, size, marks, visit, user);
}

#endif
