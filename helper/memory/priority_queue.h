/* A priority queue: a binary heap in an array of the caller's, whose first item comes before all others.  SIZE is the
 * number of bytes of an item. */
#ifndef MEMORY_PRIORITY_QUEUE_H
#define MEMORY_PRIORITY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Returns whether an item comes before another one. */
typedef bool priority_order(const void *item, const void *other);

/* Adds a copy of ITEM behind the COUNT items, where the array has room, and moves it to its place. */
__attribute__((always_inline)) static inline void priority_queue_add(void *items, size_t count,
                                                                     size_t size, const void *item,
                                                                     priority_order *is_before)
{
    char *array = items;
    size_t at = count;
    for (size_t parent; at && is_before(item, array + (parent = (at - 1) / 2) * size); at = parent)
        memcpy(array + at * size, array + parent * size, size);
    memcpy(array + at * size, item, size);
}

/* Replaces the first of COUNT items, which are one or more, by a copy of ITEM, and moves it to its place.  ITEM is
 * outside the array, or behind these items. */
__attribute__((always_inline)) static inline void
priority_queue_replace_first(void *items, size_t count, size_t size, const void *item,
                             priority_order *is_before)
{
    char *array = items;
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && is_before(array + (child + 1) * size, array + child * size))
            child++;
        if (!is_before(array + child * size, item))
            break;
        memcpy(array + at * size, array + child * size, size);
    }
    memcpy(array + at * size, item, size);
}

/* Removes the first of COUNT items, which are one or more. */
__attribute__((always_inline)) static inline void
priority_queue_remove_first(void *items, size_t count, size_t size, priority_order *is_before)
{
    if (count > 1)
        priority_queue_replace_first(items, count - 1, size, (char *)items + (count - 1) * size,
                                     is_before);
}

#endif
