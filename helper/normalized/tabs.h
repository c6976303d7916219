/* Finds the TABs of a line, 64 bytes at a time where the processor can. */
#ifndef NORMALIZED_TABS_H
#define NORMALIZED_TABS_H

#include <stdbool.h>
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

/* What tabs_visit() calls for each TAB.  Returns false to end the search. */
typedef bool tabs_visitor(void *user, const char *tab);

/* Calls VISIT for the TABs of a line of SIZE bytes, from left to right.  Returns false when VISIT did.
 * Inline as VISIT is to be, so that what USER points to stays in registers. */
__attribute__((always_inline)) static inline bool tabs_visit(const char *line, size_t size,
                                                             tabs_visitor *visit, void *user)
{
    const char *end = line + size;
#ifdef __SSE2__
    for (; end - line >= TABS_STEP; line += TABS_STEP)
        for (uint64_t tabs = tabs_in_step(line); tabs; tabs &= tabs - 1)
            if (!visit(user, line + __builtin_ctzll(tabs)))
                return false;
    if (line < end && size >= TABS_STEP) { /* the last step overlaps */
        size_t seen = (size_t)(line + TABS_STEP - end);
        line = end - TABS_STEP;
        for (uint64_t tabs = tabs_in_step(line) >> seen << seen; tabs; tabs &= tabs - 1)
            if (!visit(user, line + __builtin_ctzll(tabs)))
                return false;
        line = end;
    }
#endif
    for (; line < end; line++)
        if (*line == '\t' && !visit(user, line))
            return false;
    return true;
}

#endif
