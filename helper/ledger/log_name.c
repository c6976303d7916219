#include "ledger/log_name.h"

#include <string.h>
#include <xxhash.h>

const char *log_name(const char *key, size_t *size)
{
    const char *slash = strrchr(key, '/'), *name = slash ? slash + 1 : key;
    *size = strlen(name);
    if (*size >= 3 && !strcmp(name + *size - 3, ".gz"))
        *size -= 3;
    else if (*size >= 4 && !strcmp(name + *size - 4, ".zst"))
        *size -= 4;
    return name;
}

int log_name_compare(const char *a, const char *b)
{
    size_t a_size, b_size;
    const char *a_name = log_name(a, &a_size), *b_name = log_name(b, &b_size);
    int order = memcmp(a_name, b_name, a_size < b_size ? a_size : b_size);
    return order ? order : (a_size > b_size) - (a_size < b_size);
}

/* Returns the log's name for a key that SQL passes; "" for NULL. */
static const char *name_of(sqlite3_value *key, size_t *size)
{
    const char *text = (const char *)sqlite3_value_text(key);
    return log_name(text ? text : "", size);
}

static void put_name(sqlite3_context *context, int count, sqlite3_value **keys)
{
    (void)count;
    size_t size;
    const char *name = name_of(keys[0], &size);
    sqlite3_result_text64(context, name, size, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void put_number(sqlite3_context *context, int count, sqlite3_value **keys)
{
    (void)count;
    size_t size;
    const char *name = name_of(keys[0], &size);
    sqlite3_result_int64(context, (sqlite3_int64)XXH3_64bits(name, size));
}

int log_name_define(sqlite3 *handle)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    int error =
        sqlite3_create_function_v2(handle, "log_name", 1, flags, NULL, put_name, NULL, NULL, NULL);
    return error ? error
                 : sqlite3_create_function_v2(handle, "log_number", 1, flags, NULL, put_number,
                                              NULL, NULL, NULL);
}
