/* Opens the ledger, and brings it from any older version to the newest. */
#include <stdlib.h>
#include <unistd.h>

#include "ledger/generation.h"
#include "ledger/internal.h"
#include "ledger/lock.h"
#include "ledger/log_name.h"
#include "memory/allocate.h"

enum { APPLICATION = 0x41574346 }; /* "AWCF" */

/* The tables, as of the newest version:
 *
 *   object        the objects that were counted, and those that hold the same logs
 *   block         most of them, packed (packed.h)
 *   passed_over   the objects that hold no requests, as far as they could be read (passed_over.c)
 *   batch         one row while a batch is open; id is that of its latest revision
 *   batch_object  the objects of the open batch; outcome is an enum ledger_outcome, twin the key of
 *                 an object of the batch that holds the same log; one that stays is counted, but
 *                 not deleted or moved
 *   revision      what the open batch was prepared as; see struct ledger_revision
 *   missing       id, key: the objects that a revision lacks
 *   quarantined   the objects that could not be read: the last error, and since when
 *   clean_up      the objects that are counted and to be deleted or moved: the last error, if any
 *   state         single values by name (enum state); a missing one is 0 or empty
 *   generation, log_generation  which log belongs to this file (ledger/generation.h)
 *
 * Key, tag and size are an object's identity in every table.  object and batch_object also have the
 * content and the digest, by which a log is known that lies under another key (batch/same_log.h). */

/* Version 1.  A batch was prepared at most once (is_handed_out). */
static const char first_version[] =
    "CREATE TABLE object (key TEXT NOT NULL, tag TEXT NOT NULL, size INTEGER NOT NULL,"
    " PRIMARY KEY (key, tag, size)) WITHOUT ROWID;"
    "CREATE TABLE batch (id TEXT NOT NULL, begun INTEGER NOT NULL, writes_open INTEGER NOT NULL,"
    " is_full INTEGER NOT NULL, is_handed_out INTEGER NOT NULL DEFAULT 0, views BLOB,"
    " open_views INTEGER NOT NULL DEFAULT 0, bad INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE batch_object (key TEXT PRIMARY KEY, tag TEXT NOT NULL, size INTEGER NOT NULL,"
    " modified INTEGER NOT NULL, time INTEGER NOT NULL, fate INTEGER NOT NULL DEFAULT 0)"
    " WITHOUT ROWID;"
    "CREATE TABLE aside (key TEXT PRIMARY KEY, tag TEXT NOT NULL, size INTEGER NOT NULL,"
    " modified INTEGER NOT NULL, time INTEGER NOT NULL, cause TEXT NOT NULL,"
    " since INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE clean_up (key TEXT PRIMARY KEY, tag TEXT NOT NULL, size INTEGER NOT NULL,"
    " modified INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;";

/* Version 2.  A batch may be prepared several times, each time as another revision (table variant). */
static const char with_variants[] =
    "CREATE TABLE variant (id TEXT NOT NULL UNIQUE, since INTEGER NOT NULL, views BLOB,"
    " open_views INTEGER NOT NULL, bad INTEGER NOT NULL);"
    "CREATE TABLE missing (id TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (id, key))"
    " WITHOUT ROWID;"
    "INSERT INTO variant SELECT id, begun, views, open_views, bad FROM batch WHERE is_handed_out;"
    "ALTER TABLE batch RENAME TO batch_before;" /* DROP COLUMN needs SQLite 3.35 */
    "CREATE TABLE batch (id TEXT NOT NULL, begun INTEGER NOT NULL, writes_open INTEGER NOT NULL,"
    " is_full INTEGER NOT NULL);"
    "INSERT INTO batch SELECT id, begun, writes_open, is_full FROM batch_before;"
    "DROP TABLE batch_before;"
    "INSERT INTO state SELECT 'previous', '-'"
    " WHERE NOT EXISTS (SELECT 1 FROM state WHERE name = 'last_id');";

/* Version 3 has the words of a two-phase commit, and a file's tag is "SECONDS.NANOSECONDS".
 *
 * Older tags of files were nanoseconds since 1970 in 64 bits, which overflowed for times after the
 * year 2262 and before 1677.  Where a row has the time in seconds, too, the script makes the tag from
 * both.  A counted object has only its tag.  A tag below zero is a time before 1970 or, 2^64
 * nanoseconds later, one between 2262 and 2554: such an object gets both tags, so that it is not
 * counted again.  The tags of a bucket's objects are ETags, and stay. */
#define OF_FILES                                                                                   \
    "NOT EXISTS (SELECT 1 FROM state WHERE name = 'source' AND value LIKE 's3://%')"               \
    " AND length(tag) BETWEEN 1 AND 20 AND tag NOT GLOB '*.*' AND tag GLOB '*[0-9]'"               \
    " AND trim(substr(tag, 2), '0123456789') = '' AND tag GLOB '[-0-9]*'"
/* The tag's whole seconds, rounded down, and the rest. */
#define TAG_S  "(CAST(tag AS INTEGER) / 1000000000 - (CAST(tag AS INTEGER) % 1000000000 < 0))"
#define TAG_NS "((CAST(tag AS INTEGER) % 1000000000 + 1000000000) % 1000000000)"
/* How often the tag overflowed, if the column modified has the seconds: 2^64 ns are
 * 18446744073.709551616 s. */
#define OVERFLOWS "CAST(round((modified - " TAG_S ") / 18446744073.709551616) AS INTEGER)"
#define TAG_BY_MODIFIED                                                                            \
    "printf('%d.%09d', modified,"                                                                  \
    " ((" TAG_NS " + " OVERFLOWS " * 709551616) % 1000000000 + 1000000000) % 1000000000)"

static const char with_words[] =
    "ALTER TABLE aside RENAME TO quarantined;"
    "ALTER TABLE quarantined RENAME COLUMN cause TO error;"
    "ALTER TABLE variant RENAME TO revision;"
    "ALTER TABLE revision RENAME COLUMN since TO prepared;"
    "ALTER TABLE batch_object RENAME COLUMN fate TO outcome;"

    "INSERT OR IGNORE INTO object SELECT key, printf('%d.%09d',"
    " " TAG_S " + 18446744073 + (" TAG_NS " + 709551616 >= 1000000000),"
    " (" TAG_NS " + 709551616) % 1000000000), size"
    " FROM object WHERE CAST(tag AS INTEGER) < 0 AND " OF_FILES ";"
    "UPDATE object SET tag = printf('%d.%09d', " TAG_S ", " TAG_NS ") WHERE " OF_FILES ";"
    "UPDATE batch_object SET tag = " TAG_BY_MODIFIED " WHERE " OF_FILES ";"
    "UPDATE quarantined SET tag = " TAG_BY_MODIFIED " WHERE " OF_FILES ";"
    "UPDATE clean_up SET tag = " TAG_BY_MODIFIED " WHERE " OF_FILES ";";

/* Version 4 knows an object by its content, too.
 *
 * The column content is that of source/content.h.  It is "" for an object whose tag, an ETag, stands for
 * the content, and for a file that an older version has counted, until the file is listed again. */
static const char with_contents[] =
    "ALTER TABLE object ADD COLUMN content TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE batch_object ADD COLUMN content TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE batch_object ADD COLUMN twin TEXT;";

/* Version 5 finds out whether the file and its write-ahead log belong together (generation.h). */
static const char with_generations[] = GENERATION_TABLES;

/* Version 6 knows the bytes of the counted objects. */
static const char with_bytes[] =
    "INSERT OR REPLACE INTO state SELECT 'bytes', coalesce(sum(size), 0) FROM object;";

/* Versions 4, 7 and 9 had indexes of the names of logs, each by another expression; see version 13. */
static const char with_indexed_names[] = "";

/* Version 8 knows the whole text of an object by its digest.  The digest is "" if an older version has
 * counted the object, or if the object was found to be a copy without being read. */
static const char with_digests[] =
    "ALTER TABLE object ADD COLUMN digest TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE batch_object ADD COLUMN digest TEXT NOT NULL DEFAULT '';";

/* Version 10 knows why an object still waits for its clean-up ("": none has failed).  Nothing reads is_copied any more: a
 * copy that an earlier run has made may be another object by now. */
static const char with_waiting[] =
    "ALTER TABLE clean_up ADD COLUMN error TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE clean_up ADD COLUMN is_copied INTEGER NOT NULL DEFAULT 0;";

/* Version 11 keeps objects that are not logs apart from the counted ones, so no log is taken for a copy of
 * another kind of object. */
static const char with_foreign_objects[] =
    "CREATE TABLE foreign_object (key TEXT NOT NULL, tag TEXT NOT NULL, size INTEGER NOT NULL,"
    " PRIMARY KEY (key, tag, size)) WITHOUT ROWID;";

/* Version 12 stores why an object was passed over, since when, and the settings that it was read with. */
static const char with_reading[] =
    "ALTER TABLE foreign_object RENAME TO passed_over;"
    "ALTER TABLE passed_over ADD COLUMN error TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE passed_over ADD COLUMN since INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE passed_over ADD COLUMN reading TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE batch ADD COLUMN reading TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE batch_object ADD COLUMN stays INTEGER NOT NULL DEFAULT 0;";

/* Version 13 has a number for the name of each log, to find the objects that can hold the same log.  Before, SQL made
 * the name in 40,000 instructions.
 *
 * The script makes each table anew, so it also works with a ledger of version 13.  This happens after a run of an older
 * version that had opened the ledger before the change: its commit stores the older version's number. */
#define WITH_LOG(table, columns, names)                                                            \
    "CREATE TABLE new_" table " (" columns ") WITHOUT ROWID;"                                      \
    "INSERT INTO new_" table " (" names ", log) SELECT " names ", log_number(key) FROM " table ";" \
    "DROP TABLE " table "; ALTER TABLE new_" table " RENAME TO " table ";"                         \
    "CREATE INDEX " table "_log ON " table " (log, content, size);"
#define OBJECT_COLUMNS                                                                             \
    "key TEXT NOT NULL, tag TEXT NOT NULL, size INTEGER NOT NULL,"                                 \
    " content TEXT NOT NULL DEFAULT '', digest TEXT NOT NULL DEFAULT '',"                          \
    " log INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (key, tag, size)"
#define BATCH_OBJECT_COLUMNS                                                                       \
    "key TEXT PRIMARY KEY, tag TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,"   \
    " time INTEGER NOT NULL, outcome INTEGER NOT NULL DEFAULT 0,"                                  \
    " content TEXT NOT NULL DEFAULT '', twin TEXT, digest TEXT NOT NULL DEFAULT '',"               \
    " stays INTEGER NOT NULL DEFAULT 0, log INTEGER NOT NULL DEFAULT 0"
static const char with_log_numbers[] =
    WITH_LOG("object", OBJECT_COLUMNS, "key, tag, size, content, digest")
        WITH_LOG("batch_object", BATCH_OBJECT_COLUMNS,
                 "key, tag, size, modified, time, outcome, content, twin, digest, stays");

/* Version 14 packs objects that were counted long ago. */
static const char with_blocks[] = PACKED_TABLES;

/* Version 15 shortens digests, those of settings too, from 128 bits to their first 96. */
#define SHORT_DIGESTS(table, column)                                                               \
    "UPDATE " table " SET " column " = substr(" column ", 1, length(" column ") - 8)"              \
    " WHERE " column " <> '';"
static const char with_short_digests[] =
    SHORT_DIGESTS("object", "digest") SHORT_DIGESTS("batch_object", "digest")
        SHORT_DIGESTS("batch", "reading") SHORT_DIGESTS("passed_over", "reading");

static const char *const scripts[] = {first_version,      with_variants,        with_words,
                                      with_contents,      with_generations,     with_bytes,
                                      with_indexed_names, with_digests,         with_indexed_names,
                                      with_waiting,       with_foreign_objects, with_reading,
                                      with_log_numbers,   with_blocks,          with_short_digests};

static int define_functions(sqlite3 *handle)
{
    int error = log_name_define(handle);
    return error ? error : packed_define_function(handle);
}

static const struct database_schema schema = {
    .application = APPLICATION,
    .scripts = scripts,
    .version = sizeof scripts / sizeof *scripts,
    .define = define_functions,
};

/* Whether a restore of the ledger has not ended; ERROR gets the message. */
static bool is_being_restored(const char *path, struct buffer *error)
{
    struct buffer list = {0};
    buffer_printf(&list, "%s" LEDGER_RESTORE, path);
    bool is = access(list.data, F_OK) == 0;
    if (is) {
        buffer_clear(error);
        buffer_printf(
            error,
            "%s: a restore of this ledger file and its AWStats history has not ended; wait for it, "
            "or, if it was interrupted, finish it: run awstats-cloudfront restore --site=NAME",
            path);
    }
    buffer_free(&list);
    return is;
}

/* Returns what database_open() does. */
static int open_in_way(struct ledger **result, const char *path, enum database_way way,
                       struct buffer *error)
{
    *result = NULL;
    if (is_being_restored(path, error))
        return -1;
    struct ledger *ledger = memory_allocate(1, sizeof *ledger);
    int opened = database_open(&ledger->database, path, way, &schema, error);
    if (opened == 1 && packed_define(&ledger->packed, ledger->database.handle) != SQLITE_OK) {
        database_fail(&ledger->database, "%s", sqlite3_errmsg(ledger->database.handle));
        database_close(&ledger->database);
        opened = -1;
    }
    if (opened != 1) {
        free(ledger);
        ledger = NULL;
    }
    *result = ledger;
    return opened;
}

int ledger_open(struct ledger **result, const char *path, bool make, struct buffer *error)
{
    return open_in_way(result, path, make ? DATABASE_MAKE : DATABASE_MIGRATE, error);
}

int ledger_open_without_lock(struct ledger **result, const char *path, unsigned wait,
                             struct buffer *error)
{
    int lock, opened = open_in_way(result, path, DATABASE_AS_IT_IS, error);
    if (opened != DATABASE_IS_OTHER)
        return opened;
    buffer_clear(error);
    switch (lock_take(&lock, path, wait, error)) {
    case LOCK_HELD:
        opened = ledger_open(result, path, false, error);
        close(lock);
        return opened;
    case LOCK_TAKEN_BY_OTHER:
        buffer_add_text(error,
                        "; this command must first bring the ledger file to its own format, so run "
                        "the command again when the other run has ended");
        return -1;
    default:
        return -1;
    }
}

void ledger_close(struct ledger *ledger)
{
    if (!ledger)
        return;
    for (int i = 0; i < 2; i++) {
        sqlite3_finalize(ledger->knows[i]);
        sqlite3_finalize(ledger->namesakes[i]);
        sqlite3_finalize(ledger->texts[i]);
        sqlite3_finalize(ledger->texts_of_any_name[i]);
    }
    sqlite3_finalize(ledger->knows_key);
    sqlite3_finalize(ledger->add);
    sqlite3_finalize(ledger->namesakes_in_batch);
    packed_end(&ledger->packed);
    database_close(&ledger->database);
    free(ledger->reading);
    free(ledger);
}

bool ledger_copy(struct ledger *ledger, const char *path)
{
    return database_copy(&ledger->database, path);
}

char *ledger_inspect(struct ledger *ledger)
{
    char *error = database_inspect(&ledger->database);
    sqlite3_stmt *statement = NULL;
    /* To count the rows, SQLite reads each block. */
    if (!error && (sqlite3_prepare_v2(ledger->database.handle, "SELECT count(*) FROM packed", -1,
                                      &statement, NULL) != SQLITE_OK ||
                   sqlite3_step(statement) != SQLITE_ROW))
        error = memory_copy_text(sqlite3_errmsg(ledger->database.handle));
    sqlite3_finalize(statement);
    return error;
}
