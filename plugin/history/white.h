/* White space in the lines of history files: what perl's \s matches in bytes. */
#ifndef PLUGIN_HISTORY_WHITE_H
#define PLUGIN_HISTORY_WHITE_H

#include "normalized/bytes.h"

static inline bool white_is(unsigned char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

#ifdef __SSE2__
/* As signed numbers, TAB to CR are the least ones when they begin at INT8_MIN. */
static inline __m128i white_find(__m128i bytes)
{
    const __m128i moved = _mm_add_epi8(bytes, _mm_set1_epi8((char)(INT8_MIN - '\t')));
    return _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')),
                        _mm_cmplt_epi8(moved, _mm_set1_epi8(INT8_MIN + '\r' - '\t' + 1)));
}
#endif

static const struct bytes_kind white = {white_is,
#ifdef __SSE2__
                                        white_find
#endif
};

#endif
