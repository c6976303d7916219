/* The caches between the processor and the memory. */
#ifndef MEMORY_CACHE_H
#define MEMORY_CACHE_H

#include <stddef.h>
#include <stdint.h>

/* Lets the processor load SIZE bytes, which will soon be read or written, without waiting.  FROM
 * may be any address, also NULL. */
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
