/* Memory that is there, or the program ends.
 *
 * Every state of the program on disk survives a kill at any instant, so a run that has no memory
 * left prints one line and ends with status 1; the next run continues from the same state.  The
 * modules that other programs link too (normalized/, gzip/, sort/, log/) do not use this: they
 * return errors. */
#ifndef MEMORY_ALLOCATE_H
#define MEMORY_ALLOCATE_H

#include <stdbool.h>
#include <stddef.h>

/* Returns COUNT items of SIZE bytes, all zero; the caller frees them. */
void *memory_allocate(size_t count, size_t size) __attribute__((returns_nonnull));

/* Resizes ITEMS (NULL: allocates them) to COUNT items of SIZE bytes, as realloc() does. */
void *memory_resize(void *items, size_t count, size_t size) __attribute__((returns_nonnull));

/* Returns a copy of TEXT, or of its first SIZE bytes; the caller frees it. */
char *memory_copy_text(const char *text) __attribute__((returns_nonnull));
char *memory_copy_bytes(const char *text, size_t size) __attribute__((returns_nonnull));

/* Makes room for one more item after the COUNT items of a growing array: returns ITEMS, moved if
 * need be, and updates *CAPACITY (items there is room for).  SIZE is that of one item in bytes.
 *
 *     list = array_grow(list, count, &capacity, sizeof *list);
 *     list[count++] = item; */
void *array_grow(void *items, size_t count, size_t *capacity, size_t size)
    __attribute__((returns_nonnull));

/* From now on, memory_exhausted() sets *FLAG, which another process shares, and prints nothing: that process does. */
void memory_flag_exhausted(volatile bool *flag);

/* Prints "out of memory" and ends the program with status 1, without running exit handlers. */
void memory_exhausted(void) __attribute__((noreturn));

#endif
