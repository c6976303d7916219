/* The names of logs, in C and in SQL. */
#include "ledger/log_name.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static sqlite3_stmt *by_sql;

/* Asks SQL for the name and the number of the log of a key; valid until the next call. */
static const char *ask(const char *key, sqlite3_int64 *number)
{
    sqlite3_reset(by_sql);
    sqlite3_bind_text(by_sql, 1, key, -1, SQLITE_STATIC);
    if (sqlite3_step(by_sql) != SQLITE_ROW)
        return NULL;
    *number = sqlite3_column_int64(by_sql, 1);
    return (const char *)sqlite3_column_text(by_sql, 0);
}

static void check_name(const char *key, const char *expected)
{
    size_t size;
    sqlite3_int64 number, number_of_name;
    const char *name = log_name(key, &size);
    is_text(name, size, expected, key);
    name = ask(key, &number);
    ok(name && !strcmp(name, expected), "%s: the same in SQL", key);
    ask(expected, &number_of_name);
    ok(number == number_of_name, "%s: with the number of that name", key);
}

int main(void)
{
    sqlite3 *database;
    sqlite3_int64 numbers[2];
    if (sqlite3_open(":memory:", &database) || log_name_define(database) ||
        sqlite3_prepare_v2(database, "SELECT log_name(?1), log_number(?1)", -1, &by_sql, NULL))
        return EXIT_FAILURE;
    check_name("cdn/2026/E2.2026-11-01-07.a1b2c3d4.gz", "E2.2026-11-01-07.a1b2c3d4");
    check_name("E2.2026-11-01-07.a1b2c3d4", "E2.2026-11-01-07.a1b2c3d4");
    check_name("a/b.zst", "b");
    check_name("a/b.GZ", "b.GZ");
    check_name("a.gz/", "");
    check_name("a/.gz", "");
    check_name("a/b/a/b", "b");
    check_name("\xff/\xf0\x9f.gz", "\xf0\x9f");
    check_name("", "");
    size_t size;
    is_text(log_name("a/b.gz.zst", &size), 4, "b.gz", "one end is cut off");
    ok(size == 4, "the size of a name whose end is cut off");
    ask("a/b.zst.gz", &numbers[0]);
    ask("a/b.gz", &numbers[1]);
    ok(numbers[0] != numbers[1], "other names have other numbers");
    ok(!*ask(NULL, &numbers[0]), "a key that is NULL has no name");
    ok(!log_name_compare("a/b.gz", "c/b.zst"), "one log in two folders");
    ok(log_name_compare("z/b.gz", "a/ba") < 0 && log_name_compare("a/ba", "z/b.gz") > 0,
       "a name that begins another one comes first");
    ok(log_name_compare("z/ab", "a/b") < 0 && log_name_compare("a/b", "z/ab") > 0,
       "the order is that of the names");
    sqlite3_finalize(by_sql);
    sqlite3_close(database);
    return done_testing();
}
