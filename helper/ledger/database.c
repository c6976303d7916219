#include "ledger/database.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/folders.h"
#include "files/own_file.h"
#include "ledger/corrupt.h"
#include "ledger/generation.h"
#include "memory/allocate.h"
#include "text/file_error.h"

#ifdef SQLITE_OPEN_NOFOLLOW
#define OPEN_NOFOLLOW SQLITE_OPEN_NOFOLLOW
#else
#define OPEN_NOFOLLOW 0 /* before SQLite 3.31 */
#endif

enum { BUSY_TIMEOUT_MS = 10000 };

void database_fail(const struct database *database, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buffer_clear(database->error);
    buffer_printf(database->error, "%s: %s", database->path, text);
}

void database_fail_on_version(const struct database *database, int64_t version)
{
    database_fail(database,
                  "%s version of awstats-cloudfront has changed this ledger file meanwhile (its "
                  "format is %lld, and this program knows formats up to %d); nothing is lost: run "
                  "the command again with the newest version",
                  version > database->version ? "a newer" : "an older", (long long)version,
                  database->version);
}

/* Returns the version of the file's schema; 0 if the version cannot be read. */
static int64_t version_of_file(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    int64_t version = 0;
    if (db && sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        version = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return version;
}

/* Stores the error of a statement.  If a newer version of the program has changed the tables meanwhile, this is the
 * reason, and the stored error says so. */
static void fail_on_statement(const struct database *database, const char *text, int system_error)
{
    database_fail(database, "%s%s%s", text, system_error ? ": " : "",
                  system_error ? strerror(system_error) : "");
    int64_t version = version_of_file(database->handle);
    if (version > database->version)
        database_fail_on_version(database, version);
}

/* Stores why the file cannot be written: its permissions, or those of its folder, or its file system forbid this. */
static void fail_on_permission(const struct database *database)
{
    int number = access(database->path, W_OK) < 0 ? errno : EACCES;
    database_fail(database, "cannot be written: ");
    file_error_add(database->error, database->path, "*", number);
}

/* Stores the error that SQLite reported last. */
static void fail_on_sqlite(const struct database *database)
{
    sqlite3 *db = database->handle;
    int code = db ? sqlite3_errcode(db) : SQLITE_NOMEM;
    int system_error = db ? sqlite3_system_errno(db) : 0;
    const char *text = db ? sqlite3_errmsg(db) : "out of memory";
    if ((code & 0xff) == SQLITE_IOERR && system_error == ENOSPC)
        code = SQLITE_FULL;
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        database_fail(database, LEDGER_IS_CORRUPT, text);
        break;
    case SQLITE_FULL:
        database_fail(database, "cannot be written: no space left on its disk; make room, and run "
                                "this again: no record is lost or counted twice");
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        database_fail(
            database,
            "another program is using this ledger file; run this again when that has ended");
        break;
    case SQLITE_READONLY:
        fail_on_permission(database);
        break;
    default:
        fail_on_statement(database, text, system_error);
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
    sqlite3_step(database->roll_back);
    sqlite3_reset(database->roll_back);
}

bool database_end(struct database *database, bool done)
{
    if (done && generation_add(database, false) && database_run(database, "COMMIT")) {
        generation_shorten_log(database);
        return true;
    }
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

int database_has_row(struct database *database, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = prepare(database, sql, types, values);
    va_end(values);
    int found = statement ? database_step(database, statement) : -1;
    sqlite3_finalize(statement);
    return found;
}

bool database_do(struct database *database, const char *sql, const char *types, ...)
{
    va_list values;
    bool is_alone = sqlite3_get_autocommit(database->handle);
    if (is_alone && !database_run(database, "BEGIN IMMEDIATE"))
        return false;
    va_start(values, types);
    sqlite3_stmt *statement = prepare(database, sql, types, values);
    va_end(values);
    bool done = statement && database_step(database, statement) == 0;
    sqlite3_finalize(statement);
    return is_alone ? database_end(database, done) : done;
}

bool database_read_number(struct database *database, const char *sql, int64_t *number)
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
    if (!database_read_number(database, "PRAGMA user_version", &version) ||
        !database_read_number(database, "PRAGMA application_id", &application) ||
        !database_read_number(database, "SELECT count(*) FROM sqlite_master", &tables))
        goto failed;
    if (application != schema->application && (application || version || tables)) {
        database_fail(database,
                      "awstats-cloudfront did not make this file, so it cannot store "
                      "there what is counted; name another file with the setting \"state\"");
        goto failed;
    }
    if (version > schema->version) {
        database_fail(database,
                      "a newer version of awstats-cloudfront wrote this ledger file (its format is "
                      "%lld, and this program knows formats up to %d); install the newest version",
                      (long long)version, schema->version);
        goto failed;
    }
    for (int64_t i = version; i < schema->version; i++)
        if (!database_run(database, schema->scripts[i]))
            goto failed;
    sqlite3_snprintf(sizeof sql, sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                     schema->application, schema->version);
    if (version < schema->version &&
        (!database_run(database, sql) || !generation_add(database, true)))
        goto failed;
    /* A new ledger's name, and its folders, must be on the disk before anything is in it. */
    if (!version && folders_sync_all_above(database->path) < 0) {
        database_fail(database,
                      "the folder that has this new ledger file cannot be saved to the disk: %s; "
                      "check the disk, and run the command again",
                      strerrordesc_np(errno));
        goto failed;
    }
    if (!database_run(database, "COMMIT"))
        goto failed;
    return true;
failed:
    database_roll_back(database);
    return false;
}

/* Returns 1 if migrate() would change nothing, 0 if it would, -1 after an error.  A run that need not
 * migrate does not wait for another run that writes. */
static int is_current(struct database *database, const struct database_schema *schema)
{
    int64_t version, application;
    if (!database_read_number(database, "PRAGMA user_version", &version) ||
        !database_read_number(database, "PRAGMA application_id", &application))
        return -1;
    return version == schema->version && application == schema->application;
}

/* SQLite reports after each commit how many pages the log has. */
static int take_log_pages(void *user, sqlite3 *handle, const char *name, int pages)
{
    (void)handle, (void)name;
    struct database *database = user;
    database->log_pages = pages;
    return SQLITE_OK;
}

/* Returns the path without symbolic links in its folders, as SQLITE_OPEN_NOFOLLOW requires; the caller
 * frees the text.  NULL: errno is set. */
static char *find_real_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = folders_above(path), *real = realpath(folder, NULL);
    struct buffer text = {0};
    if (real)
        buffer_printf(&text, "%s/%s", strcmp(real, "/") ? real : "", slash ? slash + 1 : path);
    free(folder);
    free(real);
    return text.data;
}

/* Whether a write-ahead log with commits is beside the ledger. */
static bool has_log(const char *path)
{
    struct stat status;
    struct buffer log = {0};
    buffer_printf(&log, "%s-wal", path);
    bool has = stat(log.data, &status) == 0 && status.st_size > 0;
    buffer_free(&log);
    return has;
}

/* Lets pack.c give free pages of a new file back to the filesystem.  In a file that has pages already, this
 * statement would be a transaction without a generation. */
static bool allow_incremental_vacuum(struct database *database)
{
    int64_t pages;
    return database_read_number(database, "PRAGMA page_count", &pages) &&
           (pages || database_run(database, "PRAGMA auto_vacuum = INCREMENTAL"));
}

/* Opens SQLite's connection, and makes sure that the file belongs to the log beside it. */
static bool connect(struct database *database, const char *path,
                    const struct database_schema *schema)
{
    bool had_log = has_log(path);
    if (sqlite3_open_v2(path, &database->handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | OPEN_NOFOLLOW,
                        NULL) != SQLITE_OK) {
        fail_on_sqlite(database);
        return false;
    }
    sqlite3_busy_timeout(database->handle, BUSY_TIMEOUT_MS);
    sqlite3_extended_result_codes(database->handle, 1);
    if (schema->define(database->handle) != SQLITE_OK ||
        sqlite3_prepare_v2(database->handle, "ROLLBACK", -1, &database->roll_back, NULL) !=
            SQLITE_OK) {
        fail_on_sqlite(database);
        return false;
    }
    /* Before generation_check() has passed, closing must not copy the log into the file. */
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (!allow_incremental_vacuum(database) ||
        !database_run(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
                                "PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 0"))
        return false;
    sqlite3_wal_hook(database->handle, take_log_pages, database);
    switch (had_log ? generation_check(database, path) : GENERATION_FITS) {
    case GENERATION_FITS:
        break;
    case GENERATION_DIFFERS:
        database_fail(database,
                      "this ledger file and its second part, %s-wal, do not match, because one of "
                      "them was replaced without the other; delete %s-wal and %s-shm, and restore "
                      "a backup of the ledger file and the AWStats history (awstats-cloudfront "
                      "restore --site=NAME --from=DIR)",
                      database->path, database->path, database->path);
        return false;
    case GENERATION_FAILED:
        return false;
    }
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    database->had_log = had_log;
    return true;
}

int database_open(struct database *database, const char *path, enum database_way way,
                  const struct database_schema *schema, struct buffer *error)
{
    *database = (struct database){
        .path = memory_copy_text(path), .error = error, .version = schema->version};
    char *real = NULL;
    int result = -1;
    /* SQLite gives the log and the index beside the file the same owner and permissions as the file. */
    int fd = own_file_open(path, way == DATABASE_MAKE, 0600, NULL);
    int number = errno;
    if (fd >= 0)
        close(fd);
    real = fd < 0 ? NULL : find_real_path(path);
    if (fd < 0 && number == ENOENT && way != DATABASE_MAKE) {
        result = 0;
    } else if (!real) {
        buffer_clear(error);
        buffer_printf(error, "%s: ", path);
        file_error_add(error, path, "*", fd < 0 ? number : errno);
    } else if (connect(database, real, schema)) {
        int current = is_current(database, schema);
        /* A new log begins with the generation that the file has. */
        if (current > 0 && !database->had_log && !generation_begin_log(database))
            current = -1;
        if (current == 0 && way == DATABASE_AS_IT_IS)
            result = DATABASE_IS_OTHER;
        else if (current > 0 || (current == 0 && migrate(database, schema)))
            result = 1;
    }
    free(real);
    /* This ROLLBACK fails, because no transaction is open.  But SQLite compiles it again here, for the file's
     * settings. Otherwise, the first ROLLBACK after an error would allocate memory. */
    if (result == 1)
        database_roll_back(database);
    else
        database_close(database);
    return result;
}

void database_close(struct database *database)
{
    sqlite3_finalize(database->roll_back);
    sqlite3_close_v2(database->handle);
    free(database->path);
    *database = (struct database){0};
}

/* Lets pack.c give free pages of the copy back, too.  The statement tells VACUUM INTO how to make the copy, and
 * does not write the file itself.  It would write a file that allows this already, so it is not run for such a
 * file. */
static bool allow_incremental_vacuum_of_copy(struct database *database)
{
    int64_t mode;
    return database_read_number(database, "PRAGMA auto_vacuum", &mode) &&
           (mode || database_run(database, "PRAGMA auto_vacuum = INCREMENTAL"));
}

bool database_copy(struct database *database, const char *path)
{
    bool is_new, done = false;
    int fd = own_file_open(path, true, 0600, &is_new);
    if (fd < 0 || !is_new) {
        database_fail(database, "cannot be copied to %s: %s", path,
                      strerrordesc_np(fd < 0 ? errno : EEXIST));
    } else if (allow_incremental_vacuum_of_copy(database)) {
        sqlite3_stmt *statement = database_prepare(database, "VACUUM INTO ?", "t", path);
        bool is_copied = statement && sqlite3_step(statement) == SQLITE_DONE;
        done = is_copied && fsync(fd) == 0;
        if (!done)
            database_fail(database, "cannot be copied to %s: %s", path,
                          is_copied ? strerrordesc_np(errno) : sqlite3_errmsg(database->handle));
        sqlite3_finalize(statement);
    }
    if (fd >= 0)
        close(fd);
    return done;
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
