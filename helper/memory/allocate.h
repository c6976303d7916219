/* Allocates memory; the program ends when memory has run out.
 *
 * Every state of the program on disk survives a kill at any instant, so a run that has no memory
 * left prints one line and ends with status 1; the next run continues from the same state.  Modules
 * that other programs link, too (gzip/, sort/, log/, most of normalized/), do not use this: they
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

/* Returns a copy of TEXT, which the caller frees; NULL for NULL. */
char *memory_copy_optional(const char *text);

/* Makes room for one more item behind the COUNT items of an array.  Returns ITEMS, moved if need
 * be, and updates *CAPACITY, the number of items for which the array has room.  SIZE: bytes of an
 * item.
 *
 *     list = array_grow(list, count, &capacity, sizeof *list);
 *     list[count++] = item; */
void *array_grow(void *items, size_t count, size_t *capacity, size_t size)
    __attribute__((returns_nonnull));

/* Lets memory_exhausted() set *FLAG and print nothing: another process shares FLAG, and prints the
 * error. */
void memory_flag_exhausted(volatile bool *flag);

/* Prints "out of memory" and ends the program with status 1, without running exit handlers. */
void memory_exhausted(void) __attribute__((noreturn));

#endif
