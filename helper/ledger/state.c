#include <stdlib.h>
#include <string.h>

#include "ledger/internal.h"
#include "text/message.h"

bool state_set_number(struct ledger *ledger, const char *name, int64_t value)
{
    return database_do(&ledger->database, "INSERT OR REPLACE INTO state VALUES (?, ?)", "ti", name,
                       value);
}

bool state_set_text(struct ledger *ledger, const char *name, const char *value)
{
    return database_do(&ledger->database, "INSERT OR REPLACE INTO state VALUES (?, ?)", "tt", name,
                       value);
}

/* A text of the table state: *text is owned by the caller, NULL when it is missing. */
static bool state_get_text(struct ledger *ledger, const char *name, char **text)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database, "SELECT value FROM state WHERE name = ?", "t", name);
    int found = statement ? database_step(&ledger->database, statement) : -1;
    const char *value = found > 0 ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    *text = value ? strdup(value) : NULL;
    if (value && !*text) {
        message_error("out of memory");
        found = -1;
    }
    sqlite3_finalize(statement);
    return found >= 0;
}

/* The numbers of the table state, by name, 0 for one that is missing. */
static bool state_get_number(struct ledger *ledger, const char *name, int64_t *number)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database, "SELECT value FROM state WHERE name = ?", "t", name);
    int found = statement ? database_step(&ledger->database, statement) : -1;
    *number = found > 0 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return found >= 0;
}

bool ledger_get_views(struct ledger *ledger, void **data, size_t *size)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database, "SELECT value FROM state WHERE name = 'views'", "");
    int found = statement ? database_step(&ledger->database, statement) : -1;
    *data = NULL;
    *size = 0;
    if (found > 0 && sqlite3_column_type(statement, 0) == SQLITE_BLOB) {
        *size = (size_t)sqlite3_column_bytes(statement, 0);
        *data = malloc(*size + 1);
        if (*data)
            memcpy(*data, sqlite3_column_blob(statement, 0), *size);
        else {
            message_error("out of memory");
            found = -1;
        }
    }
    sqlite3_finalize(statement);
    return found >= 0;
}

bool ledger_get_previous(struct ledger *ledger, char id[LEDGER_ID_SIZE])
{
    char *text;
    if (!state_get_text(ledger, "previous", &text))
        return false;
    sqlite3_snprintf(LEDGER_ID_SIZE, id, "%s", text ? text : "");
    free(text);
    return true;
}

bool ledger_set_previous(struct ledger *ledger, const char *id)
{
    return *id ? state_set_text(ledger, "previous", id)
               : database_run(&ledger->database, "DELETE FROM state WHERE name = 'previous'");
}

bool ledger_get_owner(struct ledger *ledger, struct ledger_owner *owner)
{
    *owner = (struct ledger_owner){0};
    if (state_get_text(ledger, "site", &owner->site) &&
        state_get_text(ledger, "given", &owner->given) &&
        state_get_text(ledger, "source", &owner->source))
        return true;
    ledger_owner_free(owner);
    return false;
}

void ledger_owner_free(struct ledger_owner *owner)
{
    free(owner->site);
    free(owner->given);
    free(owner->source);
    *owner = (struct ledger_owner){0};
}

bool ledger_set_owner(struct ledger *ledger, const struct ledger_owner *owner, const char *from,
                      const char *to)
{
    static const char *const tables[] = {"object", "batch_object", "aside", "clean_up"};
    char sql[160];
    if (!database_run(&ledger->database, "BEGIN IMMEDIATE"))
        return false;
    bool done = state_set_text(ledger, "site", owner->site) &&
                state_set_text(ledger, "given", owner->given) &&
                state_set_text(ledger, "source", owner->source);
    for (size_t i = 0; from && done && i < sizeof tables / sizeof *tables; i++) {
        sqlite3_snprintf(sizeof sql, sql,
                         "UPDATE OR REPLACE %s SET key = ?2 || substr(key, length(?1) + 1)"
                         " WHERE substr(key, 1, length(?1)) = ?1",
                         tables[i]);
        done = database_do(&ledger->database, sql, "tt", from, to);
    }
    return database_end(&ledger->database, done);
}

bool ledger_get_last_id(struct ledger *ledger, char id[LEDGER_ID_SIZE])
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database, "SELECT value FROM state WHERE name = 'last_id'", "");
    int found = statement ? database_step(&ledger->database, statement) : -1;
    *id = '\0';
    if (found > 0)
        row_copy_id(id, statement, 0);
    sqlite3_finalize(statement);
    return found >= 0;
}

bool ledger_get_full_listing(struct ledger *ledger, int64_t *time)
{
    return state_get_number(ledger, "listed_in_full", time);
}

static bool count_rows(struct ledger *ledger, const char *sql, uint64_t *count)
{
    sqlite3_stmt *statement = database_prepare(&ledger->database, sql, "");
    int found = statement ? database_step(&ledger->database, statement) : -1;
    if (found > 0)
        *count = (uint64_t)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return found > 0;
}

bool ledger_get_status(struct ledger *ledger, struct ledger_status *status)
{
    int64_t number[5] = {0};
    *status = (struct ledger_status){0};
    /* What one moment looks like, whatever is committed meanwhile. */
    if (!database_run(&ledger->database, "BEGIN"))
        return false;
    bool done = state_get_number(ledger, "objects", &number[0]) &&
                state_get_number(ledger, "open_views", &number[1]) &&
                state_get_number(ledger, "last_objects", &number[2]) &&
                state_get_number(ledger, "last_bad", &number[3]) &&
                state_get_number(ledger, "bad", &number[4]) &&
                state_get_number(ledger, "committed", &status->committed) &&
                state_get_number(ledger, "newest", &status->newest) &&
                state_get_number(ledger, "listed_in_full", &status->listed_in_full) &&
                ledger_get_last_id(ledger, status->last_id) &&
                count_rows(ledger, "SELECT count(*) FROM clean_up", &status->to_clean_up) &&
                count_rows(ledger, "SELECT count(*) FROM batch_object", &status->in_batch) &&
                count_rows(ledger, "SELECT count(*) FROM aside", &status->aside);
    database_roll_back(&ledger->database);
    status->objects = (uint64_t)number[0];
    status->open_views = (uint64_t)number[1];
    status->last_objects = (uint64_t)number[2];
    status->last_bad = (uint64_t)number[3];
    status->bad = (uint64_t)number[4];
    return done;
}
