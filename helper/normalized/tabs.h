/* Finds the TABs of a line. */
#ifndef NORMALIZED_TABS_H
#define NORMALIZED_TABS_H

#include "normalized/bytes.h"

static inline bool tabs_test(unsigned char byte)
{
    return byte == '\t';
}

#ifdef __SSE2__
static inline __m128i tabs_find(__m128i bytes)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
}
#endif

/* Calls VISIT with the TABs of a line of SIZE bytes, as bytes_visit(). */
__attribute__((always_inline)) static inline bool tabs_visit(const char *line, size_t size,
                                                             bytes_visitor *visit, void *user)
{
    static const struct bytes_kind tabs = {.test = tabs_test,
#ifdef __SSE2__
                                           .find = tabs_find
#endif
    };
    return bytes_visit(line, size, tabs, visit, user);
}

#endif
