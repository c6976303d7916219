#include "ledger/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory/allocate.h"

enum { BUSY_TIMEOUT_MS = 10000 };

/* Stores one line as the error text. */
static void fail(const struct database *database, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void fail(const struct database *database, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buffer_clear(database->error);
    buffer_printf(database->error, "%s: %s", database->path, text);
}

/* Stores the error that SQLite reported last. */
static void fail_on_sqlite(const struct database *database)
{
    sqlite3 *db = database->handle;
    int code = db ? sqlite3_errcode(db) : SQLITE_NOMEM;
    int system_error = db ? sqlite3_system_errno(db) : 0;
    const char *text = db ? sqlite3_errmsg(db) : "out of memory";
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        fail(database,
             "the ledger is corrupt (%s); restore a backup of it and of the AWStats history from "
             "the "
             "same time, or move both away to count everything again",
             text);
        break;
    case SQLITE_FULL:
        fail(database, "cannot be written: no space left on its disk; nothing was changed");
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        fail(database, "another program is using it");
        break;
    case SQLITE_READONLY:
        fail(database, "cannot be written: this user has no permission");
        break;
    default:
        fail(database, "%s%s%s", text, system_error ? ": " : "",
             system_error ? strerror(system_error) : "");
    }
}

bool database_run(struct database *database, const char *sql)
{
    if (sqlite3_exec(database->handle, sql, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    fail_on_sqlite(database);
    return false;
}

void database_roll_back(struct database *database)
{
    sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool database_end(struct database *database, bool done)
{
    if (done && database_run(database, "COMMIT"))
        return true;
    database_roll_back(database);
    return false;
}

static bool bind_all(sqlite3_stmt *statement, const char *types, va_list values)
{
    int result = SQLITE_OK;
    for (int i = 1; *types && result == SQLITE_OK; i++, types++) {
        if (*types == 'i') {
            result = sqlite3_bind_int64(statement, i, va_arg(values, int64_t));
        } else if (*types == 't') {
            result =
                sqlite3_bind_text(statement, i, va_arg(values, const char *), -1, SQLITE_STATIC);
        } else {
            const void *data = va_arg(values, const void *);
            size_t size = va_arg(values, size_t);
            result = sqlite3_bind_blob64(statement, i, data, size, SQLITE_STATIC);
        }
    }
    return result == SQLITE_OK;
}

static sqlite3_stmt *prepare(struct database *database, const char *sql, const char *types,
                             va_list values)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL) == SQLITE_OK &&
        bind_all(statement, types, values))
        return statement;
    fail_on_sqlite(database);
    sqlite3_finalize(statement);
    return NULL;
}

sqlite3_stmt *database_prepare(struct database *database, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = prepare(database, sql, types, values);
    va_end(values);
    return statement;
}

bool database_bind(struct database *database, sqlite3_stmt *statement, const char *types, ...)
{
    va_list values;
    sqlite3_reset(statement);
    va_start(values, types);
    bool bound = bind_all(statement, types, values);
    va_end(values);
    if (!bound)
        fail_on_sqlite(database);
    return bound;
}

void database_bind_number(sqlite3_stmt *statement, const char *name, int64_t number)
{
    sqlite3_bind_int64(statement, sqlite3_bind_parameter_index(statement, name), number);
}

void database_bind_text(sqlite3_stmt *statement, const char *name, const char *text)
{
    sqlite3_bind_text(statement, sqlite3_bind_parameter_index(statement, name), text, -1,
                      SQLITE_STATIC);
}

int database_step(struct database *database, sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW || result == SQLITE_DONE)
        return result == SQLITE_ROW;
    fail_on_sqlite(database);
    return -1;
}

bool database_do(struct database *database, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = prepare(database, sql, types, values);
    va_end(values);
    bool done = statement && database_step(database, statement) == 0;
    sqlite3_finalize(statement);
    return done;
}

static bool read_number(struct database *database, const char *sql, int64_t *number)
{
    sqlite3_stmt *statement = database_prepare(database, sql, "");
    bool read = statement && database_step(database, statement) == 1;
    if (read)
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return read;
}

/* Brings the database to the schema's version, in one transaction. */
static bool migrate(struct database *database, const struct database_schema *schema)
{
    int64_t version, application, tables;
    char sql[96];
    if (!database_run(database, "BEGIN IMMEDIATE"))
        return false;
    if (!read_number(database, "PRAGMA user_version", &version) ||
        !read_number(database, "PRAGMA application_id", &application) ||
        !read_number(database, "SELECT count(*) FROM sqlite_schema", &tables))
        goto failed;
    if (application != schema->application && (application || version || tables)) {
        fail(database,
             "not a ledger of awstats-cloudfront; name another file with the setting state");
        goto failed;
    }
    if (version > schema->version) {
        fail(database,
             "written by a newer version of awstats-cloudfront (ledger %lld, this program knows "
             "%d); install that version",
             (long long)version, schema->version);
        goto failed;
    }
    for (int64_t i = version; i < schema->version; i++)
        if (!database_run(database, schema->scripts[i]))
            goto failed;
    sqlite3_snprintf(sizeof sql, sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                     schema->application, schema->version);
    if ((version < schema->version && !database_run(database, sql)) ||
        !database_run(database, "COMMIT"))
        goto failed;
    return true;
failed:
    database_roll_back(database);
    return false;
}

/* Returns whether migrate() would change nothing (1, 0, or -1 after an error): then this run does
 * not wait for another run that writes. */
static int is_current(struct database *database, const struct database_schema *schema)
{
    int64_t version, application;
    if (!read_number(database, "PRAGMA user_version", &version) ||
        !read_number(database, "PRAGMA application_id", &application))
        return -1;
    return version == schema->version && application == schema->application;
}

int database_open(struct database *database, const char *path, bool make,
                  const struct database_schema *schema, struct buffer *error)
{
    *database = (struct database){.path = memory_copy_text(path), .error = error};
    /* SQLite gives its other files the permissions of the first. */
    int fd = open(path, O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0), 0600);
    if (fd < 0 && errno == ENOENT && !make) {
        database_close(database);
        return 0;
    }
    if (fd < 0) {
        fail(database, "%s", strerror(errno));
        database_close(database);
        return -1;
    }
    close(fd);
    if (sqlite3_open_v2(path, &database->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        fail_on_sqlite(database);
        goto failed;
    }
    sqlite3_busy_timeout(database->handle, BUSY_TIMEOUT_MS);
    sqlite3_extended_result_codes(database->handle, 1);
    if (!database_run(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
                                "PRAGMA cache_size = -8000"))
        goto failed;
    int current = is_current(database, schema);
    if (current < 0 || (!current && !migrate(database, schema)))
        goto failed;
    return 1;
failed:
    database_close(database);
    return -1;
}

void database_close(struct database *database)
{
    sqlite3_close_v2(database->handle);
    free(database->path);
    *database = (struct database){0};
}

char *database_inspect(struct database *database)
{
    sqlite3_stmt *statement = NULL;
    char *error = NULL;
    if (sqlite3_prepare_v2(database->handle, "PRAGMA quick_check(1)", -1, &statement, NULL) !=
            SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        error = memory_copy_text(sqlite3_errmsg(database->handle));
    else if (strcmp((const char *)sqlite3_column_text(statement, 0), "ok"))
        error = memory_copy_text((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return error;
}
