#include "ledger/generation.h"

#include "text/buffer.h"
#include "text/percent.h"

/* LOG_PAGES_MAX is SQLite's default (https://www.sqlite.org/pragma.html#pragma_wal_autocheckpoint); ROWS_MAX rows of
 * the table log_generation fit one page. */
enum { LOG_PAGES_MAX = 1000, ROWS_MAX = 64 };

static bool is_plain(unsigned char byte)
{
    return byte > ' ' && byte < 0x7f && byte != '%' && byte != '?' && byte != '#';
}

/* Reads the token of the file without its log.  Returns 1 (the token is 0 if the file has no table of it), 0
 * when the file is not whole, or -1 when the file cannot be read now. */
static int read_alone(const char *path, int64_t *token)
{
    sqlite3 *alone = NULL;
    sqlite3_stmt *statement = NULL;
    struct buffer uri = {0};
    int found = -1;
    buffer_add_text(&uri, "file:");
    percent_encode(&uri, path, is_plain);
    buffer_add_text(&uri, "?immutable=1"); /* SQLite then ignores the log, and locks nothing */
    *token = 0;
    int result = sqlite3_open_v2(uri.data, &alone, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_prepare_v2(alone, "SELECT token FROM generation", -1, &statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    switch (result & 0xff) {
    case SQLITE_ROW:
        *token = sqlite3_column_int64(statement, 0);
        found = sqlite3_column_type(statement, 0) == SQLITE_INTEGER; /* zero bytes are NULL */
        break;
    case SQLITE_ERROR: /* no such table */
        found = 1;
        break;
    case SQLITE_DONE:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        found = 0;
        break;
    }
    sqlite3_finalize(statement);
    sqlite3_close_v2(alone);
    buffer_free(&uri);
    return found;
}

enum generation_result generation_check(struct database *database, const char *path)
{
    int64_t token;
    /* While this transaction reads, no other process can copy later commits from the log into the file. */
    if (!database_run(database, "BEGIN"))
        return GENERATION_FAILED;
    int found =
        database_has_row(database, "SELECT 1 FROM sqlite_master WHERE name = 'log_generation'", "");
    if (found == 0) {
        found = 1; /* a version without generations wrote the file */
    } else if (found > 0) {
        found = read_alone(path, &token);
        if (found < 0)
            database_fail(database,
                          "this ledger file (what is counted so far) cannot be read now; run this "
                          "again, and if it fails again, check the disk, or restore a backup "
                          "(awstats-cloudfront restore --site=NAME --from=DIR)");
        else
            found =
                !found || database_has_row(database, "SELECT 1 FROM log_generation WHERE token = ?",
                                           "i", token);
    }
    database_roll_back(database);
    return found < 0 ? GENERATION_FAILED : found ? GENERATION_FITS : GENERATION_DIFFERS;
}

static bool read_newest(struct database *database, int64_t *number, int64_t *count)
{
    sqlite3_stmt *statement = database_prepare(
        database, "SELECT coalesce(max(number), 0), count(*) FROM log_generation", "");
    bool read = statement && database_step(database, statement) > 0;
    if (read) {
        *number = sqlite3_column_int64(statement, 0);
        *count = sqlite3_column_int64(statement, 1);
    }
    sqlite3_finalize(statement);
    return read;
}

bool generation_begin_log(struct database *database)
{
    int64_t count;
    return read_newest(database, &database->log_begin, &count);
}

/* Another process may have brought the file to a newer version since it was opened. */
static bool is_of_our_version(struct database *database)
{
    int64_t version;
    if (!database_read_number(database, "PRAGMA user_version", &version))
        return false;
    if (version != database->version)
        database_fail_on_version(database, version);
    return version == database->version;
}

bool generation_add(struct database *database, bool changes_schema)
{
    int64_t token, newest, count;
    char with_first_page[48];
    sqlite3_snprintf(sizeof with_first_page, with_first_page, "PRAGMA user_version = %d",
                     database->version);
    sqlite3_randomness(sizeof token, &token);
    token = (token & INT64_MAX) | INT64_C(1) << 62; /* always eight bytes in its row */
    if (!is_of_our_version(database) ||
        !database_do(database, "DELETE FROM log_generation WHERE number < ?", "i",
                     database->log_begin) ||
        !read_newest(database, &newest, &count))
        return false;
    database->generation = newest + 1;
    database->generations = count + 1;
    return database_do(database, "INSERT INTO log_generation VALUES (?, ?)", "ii",
                       database->generation, token) &&
           database_do(database, "INSERT OR REPLACE INTO generation VALUES (1, ?)", "i", token) &&
           database_run(database, with_first_page) &&
           (!changes_schema ||
            database_run(database, "INSERT OR REPLACE INTO log_generation VALUES (0, 0)"));
}

void generation_shorten_log(struct database *database)
{
    int in_log = -1, copied = -1;
    if (database->log_pages < LOG_PAGES_MAX && database->generations < ROWS_MAX)
        return;
    /* If the checkpoint has copied the whole log, the next transaction may begin the log anew. */
    if (sqlite3_wal_checkpoint_v2(database->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log,
                                  &copied) == SQLITE_OK &&
        in_log == copied)
        database->log_begin = database->generation;
}
