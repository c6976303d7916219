/* Finds the TABs of a line, 64 bytes at a time where the processor can. */
#ifndef NORMALIZED_TABS_H
#define NORMALIZED_TABS_H

#include <stddef.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Bytes looked at in one step. */
enum { TABS_STEP = 64 };

#ifdef __SSE2__
/* Returns where in 16 bytes the TABs are: a bit for each byte, the lowest for the first. */
static inline uint64_t tabs_in_16(const char *text)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)text);
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')));
}

static inline uint64_t tabs_in_step(const char *text)
{
    return tabs_in_16(text) | tabs_in_16(text + 16) << 16 | tabs_in_16(text + 32) << 32 |
           tabs_in_16(text + 48) << 48;
}
#endif

/* Stores pointers to the TABs of a line of SIZE bytes.  Stops when there are MOST, or up to
 * TABS_STEP - 1 later, so TAB has room for MOST + TABS_STEP.  Returns how many were stored. */
static inline size_t tabs_find(const char *line, size_t size, const char **tab, size_t most)
{
    const char **next = tab, **limit = tab + most, *end = line + size;
#ifdef __SSE2__
    for (; end - line >= TABS_STEP && next < limit; line += TABS_STEP)
        for (uint64_t tabs = tabs_in_step(line); tabs; tabs &= tabs - 1)
            *next++ = line + __builtin_ctzll(tabs);
    if (line < end && size >= TABS_STEP && next < limit) { /* the last step overlaps */
        size_t seen = (size_t)(line + TABS_STEP - end);
        line = end - TABS_STEP;
        for (uint64_t tabs = tabs_in_step(line) >> seen << seen; tabs; tabs &= tabs - 1)
            *next++ = line + __builtin_ctzll(tabs);
        line = end;
    }
#endif
    for (; line < end && next < limit; line++)
        if (*line == '\t')
            *next++ = line;
    return (size_t)(next - tab);
}

#endif
