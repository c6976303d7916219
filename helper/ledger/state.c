/* Single values: the owner, the open views, what status shows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/corrupt.h"
#include "ledger/internal.h"
#include "ledger/pack.h"
#include "memory/allocate.h"

static const char *const names[STATE_COUNT] = {
    [STATE_SITE] = "site",
    [STATE_GIVEN] = "given",
    [STATE_SOURCE] = "source",
    [STATE_FORMER] = "former",
    [STATE_HISTORY] = "history",
    [STATE_REGION] = "region",
    [STATE_PREVIOUS] = "previous",
    [STATE_FILES] = "files",
    [STATE_REQUEST_IDS] = "request_ids",
    [STATE_VIEWS] = "views",
    [STATE_OPEN_VIEWS] = "open_views",
    [STATE_OBJECTS] = "objects",
    [STATE_BYTES] = "bytes",
    [STATE_BAD] = "bad",
    [STATE_NEWEST] = "newest",
    [STATE_COMMITTED] = "committed",
    [STATE_STARTED] = "started",
    [STATE_DURATION] = "duration",
    [STATE_LISTED_IN_FULL] = "listed_in_full",
    [STATE_NAMES] = "names",
    [STATE_UNREAD] = "unread",
    [STATE_LAST_ID] = "last_id",
    [STATE_LAST_OBJECTS] = "last_objects",
    [STATE_LAST_BAD] = "last_bad",
    [STATE_FIGURES] = "figures",
    [STATE_FIGURES_SUM] = "figures_sum",
    [STATE_FIGURES_SINCE] = "figures_since",
    [STATE_FIGURES_UNKNOWN] = "figures_unknown",
    [STATE_HAS_RECORDS] = "has_records",
    [STATE_PACKED_UP_TO] = "packed_up_to",
};

const char *state_name(enum state name)
{
    return names[name];
}

bool state_set_number(struct ledger *ledger, enum state name, int64_t value)
{
    return database_do(&ledger->database, "INSERT OR REPLACE INTO state VALUES (?, ?)", "ti",
                       names[name], value);
}

bool state_set_text(struct ledger *ledger, enum state name, const char *value)
{
    return database_do(&ledger->database, "INSERT OR REPLACE INTO state VALUES (?, ?)", "tt",
                       names[name], value);
}

bool state_remove(struct ledger *ledger, enum state name)
{
    return database_do(&ledger->database, "DELETE FROM state WHERE name = ?", "t", names[name]);
}

/* Finds a value.  Returns 1 if the first column of *statement has the value, 0 if there is none, -1 after
 * an error.  The caller finalizes *statement in any case. */
static int find(struct ledger *ledger, enum state name, sqlite3_stmt **statement)
{
    *statement = database_prepare(&ledger->database, "SELECT value FROM state WHERE name = ?", "t",
                                  names[name]);
    return *statement ? database_step(&ledger->database, *statement) : -1;
}

bool state_get_text(struct ledger *ledger, enum state name, char **text)
{
    sqlite3_stmt *statement;
    int found = find(ledger, name, &statement);
    const char *value = found > 0 ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    *text = memory_copy_optional(value);
    sqlite3_finalize(statement);
    return found >= 0;
}

bool state_get_number(struct ledger *ledger, enum state name, int64_t *number)
{
    sqlite3_stmt *statement;
    int found = find(ledger, name, &statement);
    *number = found > 0 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return found >= 0;
}

bool state_get_count(struct ledger *ledger, enum state name, uint64_t *count)
{
    int64_t number;
    bool read = state_get_number(ledger, name, &number);
    if (read && number < 0) {
        char text[64];
        snprintf(text, sizeof text, "%s is %lld", names[name], (long long)number);
        database_fail(&ledger->database, LEDGER_IS_CORRUPT, text);
        read = false;
    }
    *count = (uint64_t)number;
    return read;
}

/* Copies a batch's ID; "" when there is none. */
static bool get_id(struct ledger *ledger, enum state name, char id[BATCH_ID_SIZE])
{
    sqlite3_stmt *statement;
    int found = find(ledger, name, &statement);
    *id = '\0';
    if (found > 0)
        row_copy_id(id, statement, 0);
    sqlite3_finalize(statement);
    return found >= 0;
}

bool ledger_get_views(struct ledger *ledger, void **data, size_t *size)
{
    sqlite3_stmt *statement;
    int found = find(ledger, STATE_VIEWS, &statement);
    *data = NULL;
    *size = 0;
    if (found > 0 && sqlite3_column_type(statement, 0) == SQLITE_BLOB) {
        *size = (size_t)sqlite3_column_bytes(statement, 0);
        *data = memory_resize(NULL, *size + 1, 1);
        memcpy(*data, sqlite3_column_blob(statement, 0), *size);
    }
    sqlite3_finalize(statement);
    return found >= 0;
}

bool ledger_get_previous(struct ledger *ledger, char id[BATCH_ID_SIZE])
{
    return get_id(ledger, STATE_PREVIOUS, id);
}

bool ledger_get_request_ids(struct ledger *ledger, char id[BATCH_ID_SIZE])
{
    return get_id(ledger, STATE_REQUEST_IDS, id);
}

bool ledger_set_previous(struct ledger *ledger, const char *id)
{
    return *id ? state_set_text(ledger, STATE_PREVIOUS, id)
               : state_remove(ledger, STATE_PREVIOUS) && ledger_forget_files(ledger);
}

bool ledger_get_history(struct ledger *ledger, char **name)
{
    return state_get_text(ledger, STATE_HISTORY, name);
}

bool ledger_set_history(struct ledger *ledger, const char *name)
{
    return state_set_text(ledger, STATE_HISTORY, name);
}

bool ledger_get_region(struct ledger *ledger, char **region)
{
    return state_get_text(ledger, STATE_REGION, region);
}

bool ledger_set_region(struct ledger *ledger, const char *region)
{
    return state_set_text(ledger, STATE_REGION, region);
}

bool ledger_get_former(struct ledger *ledger, char **list)
{
    return state_get_text(ledger, STATE_FORMER, list);
}

bool ledger_rename_site(struct ledger *ledger, const char *from, const char *to)
{
    if (!database_run(&ledger->database, "BEGIN IMMEDIATE"))
        return false;
    return database_end(
        &ledger->database,
        database_do(&ledger->database,
                    "INSERT OR REPLACE INTO state VALUES (?1,"
                    " coalesce((SELECT value || char(10) FROM state WHERE name = ?1), '') || ?2)",
                    "tt", names[STATE_FORMER], from) &&
            state_set_text(ledger, STATE_SITE, to));
}

bool ledger_get_owner(struct ledger *ledger, struct ledger_owner *owner)
{
    *owner = (struct ledger_owner){0};
    if (state_get_text(ledger, STATE_SITE, &owner->site) &&
        state_get_text(ledger, STATE_GIVEN, &owner->given) &&
        state_get_text(ledger, STATE_SOURCE, &owner->source))
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
    static const char *const tables[] = {"object", "batch_object", "quarantined", "clean_up",
                                         "passed_over"};
    char sql[160];
    if (!database_run(&ledger->database, "BEGIN IMMEDIATE"))
        return false;
    /* Objects of another source may have keys before those of new objects, so the next listing is full. */
    bool done =
        (!from || pack_move_keys(ledger, from, to)) &&
        database_do(&ledger->database,
                    "DELETE FROM state WHERE name = ? AND EXISTS"
                    " (SELECT 1 FROM state WHERE name = ? AND value IS NOT ?)",
                    "ttt", names[STATE_LISTED_IN_FULL], names[STATE_SOURCE], owner->source) &&
        state_set_text(ledger, STATE_SITE, owner->site) &&
        state_set_text(ledger, STATE_GIVEN, owner->given) &&
        state_set_text(ledger, STATE_SOURCE, owner->source);
    for (size_t i = 0; from && done && i < sizeof tables / sizeof *tables; i++) {
        sqlite3_snprintf(sizeof sql, sql,
                         "UPDATE OR REPLACE %s SET key = ?2 || substr(key, length(?1) + 1)"
                         " WHERE substr(key, 1, length(?1)) = ?1",
                         tables[i]);
        done = database_do(&ledger->database, sql, "tt", from, to);
    }
    done = done && (!from || database_run(&ledger->database,
                                          "UPDATE object SET log = log_number(key);"
                                          "UPDATE batch_object SET log = log_number(key)"));
    return database_end(&ledger->database, done);
}

bool ledger_get_last_id(struct ledger *ledger, char id[BATCH_ID_SIZE])
{
    return get_id(ledger, STATE_LAST_ID, id);
}

bool ledger_get_full_listing(struct ledger *ledger, int64_t *time)
{
    return state_get_number(ledger, STATE_LISTED_IN_FULL, time);
}

bool ledger_get_names(struct ledger *ledger, enum ledger_names *known)
{
    int64_t number;
    bool done = state_get_number(ledger, STATE_NAMES, &number);
    bool is_known =
        done && (number == LEDGER_NAMES_SOME_OTHER || number == LEDGER_NAMES_ALL_UNIQUE);
    *known = is_known ? (enum ledger_names)number : LEDGER_NAMES_UNKNOWN;
    return done;
}

bool ledger_set_names(struct ledger *ledger, enum ledger_names known)
{
    return state_set_number(ledger, STATE_NAMES, known);
}

int ledger_has_records(struct ledger *ledger)
{
    int64_t number;
    return state_get_number(ledger, STATE_HAS_RECORDS, &number) ? number != 0 : -1;
}

bool ledger_set_has_records(struct ledger *ledger)
{
    int has = ledger_has_records(ledger);
    return has > 0 || (has == 0 && state_set_number(ledger, STATE_HAS_RECORDS, 1));
}

static bool count_rows(struct ledger *ledger, const char *sql, uint64_t *count)
{
    int64_t number = 0;
    bool read = database_read_number(&ledger->database, sql, &number);
    *count = (uint64_t)number;
    return read;
}

/* Reads how long the last update took; -1: not known. */
static bool get_duration(struct ledger *ledger, int64_t *milliseconds)
{
    sqlite3_stmt *statement;
    int found = find(ledger, STATE_DURATION, &statement);
    *milliseconds = found > 0 ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_finalize(statement);
    return found >= 0;
}

bool ledger_get_status(struct ledger *ledger, struct ledger_status *status)
{
    *status = (struct ledger_status){0};
    /* In one transaction, all values are of one moment, whatever another process commits meanwhile. */
    if (!database_run(&ledger->database, "BEGIN"))
        return false;
    bool done = state_get_count(ledger, STATE_OBJECTS, &status->objects) &&
                state_get_count(ledger, STATE_BYTES, &status->bytes) &&
                get_duration(ledger, &status->duration_ms) &&
                state_get_count(ledger, STATE_OPEN_VIEWS, &status->open_views) &&
                state_get_count(ledger, STATE_LAST_OBJECTS, &status->last_objects) &&
                state_get_count(ledger, STATE_LAST_BAD, &status->last_bad) &&
                state_get_count(ledger, STATE_BAD, &status->bad) &&
                state_get_number(ledger, STATE_COMMITTED, &status->committed) &&
                state_get_number(ledger, STATE_NEWEST, &status->newest) &&
                state_get_number(ledger, STATE_LISTED_IN_FULL, &status->listed_in_full) &&
                get_id(ledger, STATE_LAST_ID, status->last_id) &&
                figures_get(ledger, &status->figures) &&
                count_rows(ledger, "SELECT count(*) FROM clean_up", &status->to_clean_up) &&
                count_rows(ledger, "SELECT count(*) FROM clean_up WHERE error <> ''",
                           &status->clean_up_failed) &&
                count_rows(ledger, "SELECT count(*) FROM batch_object", &status->in_batch) &&
                count_rows(ledger, "SELECT count(*) FROM quarantined", &status->quarantined) &&
                count_rows(ledger, "SELECT count(*) FROM passed_over", &status->passed_over);
    database_roll_back(&ledger->database);
    return done;
}

void ledger_status_free(struct ledger_status *status)
{
    free(status->figures.text);
    status->figures.text = NULL;
}
