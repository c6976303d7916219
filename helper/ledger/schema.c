#include <stdlib.h>
#include <string.h>

#include "ledger/internal.h"
#include "text/message.h"

enum { APPLICATION = 0x41574346 }; /* "AWCF" */

/* A key, with its tag and size, is an object that was counted (object), is in the batch under way
 * (batch_object; fate is an enum ledger_fate), could not be read (aside), or is counted and to be
 * deleted or moved (clean_up).  batch has a row while a batch is under way.  state has single
 * values; what is missing is 0 or empty.
 *
 * Since version 2 a batch may have been handed out several times under IDs of their own (variant),
 * each without some of its objects (missing); batch.id is that of the last. */
static const char *const scripts[] = {
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
    "CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;",

    "CREATE TABLE variant (id TEXT NOT NULL UNIQUE, since INTEGER NOT NULL, views BLOB,"
    " open_views INTEGER NOT NULL, bad INTEGER NOT NULL);"
    "CREATE TABLE missing (id TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (id, key))"
    " WITHOUT ROWID;"
    "INSERT INTO variant SELECT id, begun, views, open_views, bad FROM batch WHERE is_handed_out;"
    "ALTER TABLE batch DROP COLUMN is_handed_out;"
    "ALTER TABLE batch DROP COLUMN views;"
    "ALTER TABLE batch DROP COLUMN open_views;"
    "ALTER TABLE batch DROP COLUMN bad;"
    "INSERT INTO state SELECT 'previous', '-'"
    " WHERE NOT EXISTS (SELECT 1 FROM state WHERE name = 'last_id');",
};

static const struct database_schema schema = {
    .application = APPLICATION,
    .scripts = scripts,
    .version = sizeof scripts / sizeof *scripts,
};

int ledger_open(struct ledger **result, const char *path, bool make)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    *result = NULL;
    if (!ledger) {
        message_error("out of memory");
        return -1;
    }
    int opened = database_open(&ledger->database, path, make, &schema);
    if (opened <= 0) {
        free(ledger);
        return opened;
    }
    *result = ledger;
    return 1;
}

void ledger_close(struct ledger *ledger)
{
    if (!ledger)
        return;
    sqlite3_finalize(ledger->knows);
    sqlite3_finalize(ledger->add);
    database_close(&ledger->database);
    free(ledger);
}

char *ledger_inspect(struct ledger *ledger)
{
    char *problem = database_inspect(&ledger->database), *copy = NULL;
    if (problem) {
        copy = strdup(problem);
        sqlite3_free(problem);
    }
    return copy;
}

/* The columns key, tag, size, modified, time from FIRST on. */
struct ledger_object row_read_object(sqlite3_stmt *statement)
{
    return (struct ledger_object){
        .key = (const char *)sqlite3_column_text(statement, 0),
        .tag = (const char *)sqlite3_column_text(statement, 1),
        .size = (uint64_t)sqlite3_column_int64(statement, 2),
        .modified = sqlite3_column_int64(statement, 3),
        .time = sqlite3_column_int64(statement, 4),
    };
}

void row_copy_id(char id[LEDGER_ID_SIZE], sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    sqlite3_snprintf(LEDGER_ID_SIZE, id, "%s", text ? text : "");
}
