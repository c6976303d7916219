/* The objects that were counted, are quarantined, or must be deleted or moved. */
#include <stdlib.h>

#include "ledger/internal.h"
#include "memory/allocate.h"

int ledger_knows(struct ledger *ledger, const struct ledger_object *object)
{
    static const char sql[] = "SELECT 1 FROM object WHERE key = ? AND tag = ? AND size = ?";
    if (!ledger->knows && !(ledger->knows = database_prepare(&ledger->database, sql, "")))
        return -1;
    if (!database_bind(&ledger->database, ledger->knows, "tti", object->key, object->tag,
                       (int64_t)object->size))
        return -1;
    int found = database_step(&ledger->database, ledger->knows);
    sqlite3_reset(ledger->knows);
    return found;
}

int ledger_last_key(struct ledger *ledger, const char *stem, char **key)
{
    /* The keys that begin with the stem are those from the stem on, and below the stem with the
     * last character of Unicode after it. */
    static const char sql[] = "SELECT key FROM object WHERE key >= ?1 AND key < ?1 || x'F4908080'"
                              " ORDER BY key DESC LIMIT 1";
    sqlite3_stmt *statement = database_prepare(&ledger->database, sql, "t", stem);
    int found = statement ? database_step(&ledger->database, statement) : -1;
    if (found > 0)
        *key = memory_copy_text((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return found;
}

bool ledger_visit_quarantined(struct ledger *ledger, ledger_visit_quarantine *visit, void *user)
{
    sqlite3_stmt *statement = database_prepare(
        &ledger->database,
        "SELECT key, tag, size, modified, time, since, error FROM quarantined ORDER BY key", "");
    int more = -1;
    while (statement && (more = database_step(&ledger->database, statement)) > 0) {
        struct ledger_object object = row_read_object(statement);
        if (!visit(user, &object, sqlite3_column_int64(statement, 5),
                   (const char *)sqlite3_column_text(statement, 6))) {
            more = -1;
            break;
        }
    }
    sqlite3_finalize(statement);
    return more == 0;
}

bool ledger_visit_cleaning(struct ledger *ledger, const char *after, unsigned limit,
                           ledger_visit_clean_up *visit, void *user)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database,
                         "SELECT key, tag, size, modified, modified FROM clean_up WHERE key > ?"
                         " ORDER BY key LIMIT ?",
                         "ti", after ? after : "", (int64_t)limit);
    int more = -1;
    while (statement && (more = database_step(&ledger->database, statement)) > 0) {
        struct ledger_object object = row_read_object(statement);
        if (!visit(user, &object)) {
            more = -1;
            break;
        }
    }
    sqlite3_finalize(statement);
    return more == 0;
}

bool ledger_cleaned(struct ledger *ledger, const char *const *keys, size_t count)
{
    if (!count)
        return true;
    if (!database_run(&ledger->database, "BEGIN IMMEDIATE"))
        return false;
    bool done = true;
    for (size_t i = 0; done && i < count; i++)
        done = database_do(&ledger->database, "DELETE FROM clean_up WHERE key = ?", "t", keys[i]);
    return database_end(&ledger->database, done);
}
