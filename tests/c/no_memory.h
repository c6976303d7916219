/* The memory of a test's program and its libraries: one call gets none.  The linker replaces the C library's
 * functions by these (Makefile, NO_MEMORY). */
#ifndef NO_MEMORY_H
#define NO_MEMORY_H

#include <stdbool.h>
#include <stdlib.h>

/* The calls so far, and the number of the call that fails; 0: none. */
static unsigned memory_calls, memory_fail_at;

static bool is_memory_out(void)
{
    return ++memory_calls == memory_fail_at;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return is_memory_out() ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return is_memory_out() ? NULL : __real_calloc(count, size);
}

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
    return is_memory_out() ? NULL : __real_realloc(old, size);
}

#endif
