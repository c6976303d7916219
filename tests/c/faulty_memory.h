/* SQLite's memory, for tests: one of the calls fails. */
#ifndef FAULTY_MEMORY_H
#define FAULTY_MEMORY_H

#include <sqlite3.h>
#include <stdbool.h>

/* The calls so far, and the number of the call that fails; 0: none. */
static unsigned long memory_calls, memory_fail_at;

static sqlite3_mem_methods real_memory;

static bool is_memory_out(void)
{
    return ++memory_calls == memory_fail_at;
}

static void *allocate_or_fail(int size)
{
    return is_memory_out() ? NULL : real_memory.xMalloc(size);
}

static void *reallocate_or_fail(void *memory, int size)
{
    return is_memory_out() ? NULL : real_memory.xRealloc(memory, size);
}

/* Makes SQLite use this memory.  Must come before any other call of SQLite. */
static void install_memory(void)
{
    sqlite3_mem_methods faulty;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory);
    faulty = real_memory;
    faulty.xMalloc = allocate_or_fail;
    faulty.xRealloc = reallocate_or_fail;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &faulty);
}

#endif
