/* The name of a log, which objects of several keys can hold. */
#ifndef LEDGER_LOG_NAME_H
#define LEDGER_LOG_NAME_H

#include <sqlite3.h>
#include <stddef.h>

/* Returns the name of the log that the object with this key holds, a part of KEY, and its SIZE: the key without its
 * folders, and without a ".gz" or ".zst" at its end. */
const char *log_name(const char *key, size_t *size);

/* Orders keys by the names of their logs. */
int log_name_compare(const char *a, const char *b);

/* Defines for SQL:
 *
 *     log_name(key)     that name
 *     log_number(key)   a number for it, XXH3 of 64 bits: few logs of other names have it, too
 *
 * The ledger stores the number of each object, by which it finds the objects of one name.  Returns an error of SQLite,
 * or SQLITE_OK. */
int log_name_define(sqlite3 *handle);

#endif
