/* The caches between the processor and the memory. */
#ifndef MEMORY_CACHE_H
#define MEMORY_CACHE_H

#include <stddef.h>
#include <stdint.h>

/* Asks the processor to load SIZE bytes, which are soon read or written, and does not wait.  FROM may be any address,
 * NULL too. */
static inline void cache_load(const void *from, size_t size)
{
    enum { LINE = 64 };
    if (!from)
        return;
    const char *line = (const char *)from - (uintptr_t)from % LINE,
               *end = (const char *)from + size;
    for (; line < end; line += LINE)
        __builtin_prefetch(line, 1);
}

#endif
