/* Finds bytes of some kind in a text, 64 bytes at a time where the processor can. */
#ifndef NORMALIZED_BYTES_H
#define NORMALIZED_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
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

/* What bytes_visit() calls for each step of the text, which is at TEXT: FOUND has a bit for each byte, the lowest for
 * the first, which is set when the byte is of the kind.  Returns false to end the search. */
typedef bool bytes_visitor(void *user, const char *text, uint64_t found);

/* Returns the place of the first byte that was found, when there is one.  FOUND & (FOUND - 1) has the others. */
static inline const char *bytes_first(const char *text, uint64_t found)
{
    return text + (unsigned)__builtin_ctzll(found);
}

#ifdef __SSE2__
__attribute__((always_inline)) static inline uint64_t bytes_in_16(const char *text,
                                                                  struct bytes_kind kind)
{
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)text);
    return (unsigned)_mm_movemask_epi8(kind.find(bytes));
}
#endif

/* Returns which of so many bytes, at most BYTES_STEP, are of the kind. */
__attribute__((always_inline)) static inline uint64_t bytes_in_rest(const char *text, size_t size,
                                                                    struct bytes_kind kind)
{
    uint64_t found = 0;
    size_t i = 0;
#ifdef __SSE2__
    for (; size - i >= 16; i += 16)
        found |= bytes_in_16(text + i, kind) << i;
    if (i && i < size) /* these overlap */
        return found | bytes_in_16(text + size - 16, kind) << (size - 16);
#endif
    for (; i < size; i++)
        found |= (uint64_t)kind.test((unsigned char)text[i]) << i;
    return found;
}

/* The same for a whole step. */
__attribute__((always_inline)) static inline uint64_t bytes_in_step(const char *text,
                                                                    struct bytes_kind kind)
{
#ifdef __SSE2__
    return bytes_in_16(text, kind) | bytes_in_16(text + 16, kind) << 16 |
           bytes_in_16(text + 32, kind) << 32 | bytes_in_16(text + 48, kind) << 48;
#else
    return bytes_in_rest(text, BYTES_STEP, kind);
#endif
}

/* Calls VISIT for the steps of SIZE bytes, from left to right.  Returns false when VISIT did.  Inline as the functions
 * of KIND and VISIT are to be, so that what USER points to stays in registers. */
__attribute__((always_inline)) static inline bool
bytes_visit(const char *text, size_t size, struct bytes_kind kind, bytes_visitor *visit, void *user)
{
    const char *end = text + size;
    for (; end - text >= BYTES_STEP; text += BYTES_STEP)
        if (!visit(user, text, bytes_in_step(text, kind)))
            return false;
    if (text == end)
        return true;
    if (size < BYTES_STEP)
        return visit(user, text, bytes_in_rest(text, size, kind));
    size_t seen = (size_t)(text + BYTES_STEP - end); /* the last step overlaps */
    text = end - BYTES_STEP;
    return visit(user, text, bytes_in_step(text, kind) >> seen << seen);
}

/* Writes, at OUT, what stands in the place of BYTE.  Returns the place behind that. */
typedef char *bytes_writer(char *out, unsigned char byte);

/* The state of bytes_replace(); START: of what is not copied yet. */
struct bytes_copying {
    const char *start;
    char *out;
    bytes_writer *write;
};

static inline void bytes_copy_until(struct bytes_copying *copying, const char *end)
{
    const size_t size = (size_t)(end - copying->start);
    memcpy(copying->out, copying->start, size);
    copying->out += size;
    copying->start = end;
}

static inline bool bytes_replace_found(void *user, const char *text, uint64_t found)
{
    struct bytes_copying *copying = user;
    for (; found; found &= found - 1) {
        bytes_copy_until(copying, bytes_first(text, found));
        copying->out = copying->write(copying->out, (unsigned char)*copying->start++);
    }
    return true;
}

/* Copies a text to OUT, and lets WRITE replace the bytes of the kind; OUT has room for the result.  Returns the size of
 * the result. */
__attribute__((always_inline)) static inline size_t
bytes_replace(char *out, const char *text, size_t size, struct bytes_kind kind, bytes_writer *write)
{
    struct bytes_copying copying = {text, out, write};
    (void)bytes_visit(text, size, kind, bytes_replace_found, &copying);
    bytes_copy_until(&copying, text + size);
    return (size_t)(copying.out - out);
}

#endif
