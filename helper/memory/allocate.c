#include "memory/allocate.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile bool *exhausted_flag;

void memory_flag_exhausted(volatile bool *flag)
{
    exhausted_flag = flag;
}

void memory_exhausted(void)
{
    static const char line[] = "awstats-cloudfront: out of memory; nothing is lost, and nothing "
                               "counts twice; free or add memory, and run it again\n";
    ssize_t ignored = exhausted_flag ? 0 : write(STDERR_FILENO, line, sizeof line - 1);
    (void)ignored;
    if (exhausted_flag)
        *exhausted_flag = true;
    _exit(1);
}

void *memory_allocate(size_t count, size_t size)
{
    void *items = calloc(count ? count : 1, size ? size : 1);
    if (!items)
        memory_exhausted();
    return items;
}

void *memory_resize(void *items, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        memory_exhausted();
    void *resized = realloc(items, count && size ? count * size : 1);
    if (!resized)
        memory_exhausted();
    return resized;
}

char *memory_copy_bytes(const char *text, size_t size)
{
    char *copy = memory_allocate(size + 1, 1);
    memcpy(copy, text, size);
    return copy;
}

char *memory_copy_text(const char *text)
{
    return memory_copy_bytes(text, strlen(text));
}

char *memory_copy_optional(const char *text)
{
    return text ? memory_copy_text(text) : NULL;
}

void *array_grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? *capacity * 2 : 16;
    return memory_resize(items, *capacity, size);
}
