/* Finds the TABs of a line, 16 bytes at a time where the processor can. */
#ifndef NORMALIZED_TABS_H
#define NORMALIZED_TABS_H

#include <stddef.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#ifdef __SSE2__
enum { TABS_STEP = 16 };

/* Returns where in TABS_STEP bytes the TABs are: a bit for each byte, the lowest for the first. */
static inline unsigned tabs_in_step(const char *text)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)text);
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')));
}
#else
enum { TABS_STEP = 1 };

static inline unsigned tabs_in_step(const char *text)
{
    return *text == '\t';
}
#endif

/* Stores pointers to the first MOST TABs of a line of SIZE bytes.  Returns how many were stored. */
static inline size_t tabs_find(const char *line, size_t size, const char **tab, size_t most)
{
    const char *end = line + size;
    size_t found = 0;
    for (; end - line >= TABS_STEP; line += TABS_STEP) {
        for (unsigned tabs = tabs_in_step(line); tabs; tabs &= tabs - 1) {
            if (found == most)
                return found;
            tab[found++] = line + __builtin_ctz(tabs);
        }
    }
    for (; line < end && found < most; line++)
        if (*line == '\t')
            tab[found++] = line;
    return found;
}

#endif
