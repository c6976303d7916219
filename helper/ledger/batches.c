#include "ledger/ledger.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger/database.h"
#include "text/message.h"

enum {
    APPLICATION = 0x41574346, /* "AWCF" */
    LATE_S = 24 * 3600
};

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

struct ledger {
    struct database database;
    sqlite3_stmt *knows, *add; /* prepared once */
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

static void roll_back(struct ledger *ledger)
{
    sqlite3_exec(ledger->database.handle, "ROLLBACK", NULL, NULL, NULL);
}

/* Ends a transaction whose steps went well or not. */
static bool end(struct ledger *ledger, bool done)
{
    if (done && database_run(&ledger->database, "COMMIT"))
        return true;
    roll_back(ledger);
    return false;
}

static bool set_number(struct ledger *ledger, const char *name, int64_t value)
{
    return database_do(&ledger->database, "INSERT OR REPLACE INTO state VALUES (?, ?)", "ti", name,
                       value);
}

static bool set_text(struct ledger *ledger, const char *name, const char *value)
{
    return database_do(&ledger->database, "INSERT OR REPLACE INTO state VALUES (?, ?)", "tt", name,
                       value);
}

/* A text of the table state: *text is owned by the caller, NULL when it is missing. */
static bool get_text(struct ledger *ledger, const char *name, char **text)
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

/* The columns key, tag, size, modified, time from FIRST on. */
static struct ledger_object read_object(sqlite3_stmt *statement)
{
    return (struct ledger_object){
        .key = (const char *)sqlite3_column_text(statement, 0),
        .tag = (const char *)sqlite3_column_text(statement, 1),
        .size = (uint64_t)sqlite3_column_int64(statement, 2),
        .modified = sqlite3_column_int64(statement, 3),
        .time = sqlite3_column_int64(statement, 4),
    };
}

static void copy_id(char id[LEDGER_ID_SIZE], sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    sqlite3_snprintf(LEDGER_ID_SIZE, id, "%s", text ? text : "");
}

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
    /* The keys that begin with the stem are those from the stem on, below all that follows it. */
    static const char sql[] = "SELECT key FROM object WHERE key >= ?1 AND key < ?1 || x'F4908080'"
                              " ORDER BY key DESC LIMIT 1";
    int found = -1;
    sqlite3_stmt *statement = database_prepare(&ledger->database, sql, "t", stem);
    if (statement)
        found = database_step(&ledger->database, statement);
    if (found > 0) {
        *key = strdup((const char *)sqlite3_column_text(statement, 0));
        if (!*key) {
            message_error("out of memory");
            found = -1;
        }
    }
    sqlite3_finalize(statement);
    return found;
}

bool ledger_begin(struct ledger *ledger, const struct ledger_batch *batch)
{
    if (!database_run(&ledger->database, "BEGIN IMMEDIATE"))
        return false;
    if (database_do(&ledger->database,
                    "INSERT INTO batch (id, begun, writes_open, is_full) VALUES (?, ?, ?, 0)",
                    "tii", batch->id, batch->begun, (int64_t)batch->writes_open))
        return true;
    roll_back(ledger);
    return false;
}

bool ledger_add(struct ledger *ledger, const struct ledger_object *object)
{
    static const char sql[] = "INSERT OR REPLACE INTO batch_object (key, tag, size, modified, time)"
                              " VALUES (?, ?, ?, ?, ?)";
    if (!ledger->add && !(ledger->add = database_prepare(&ledger->database, sql, "")))
        return false;
    bool added = database_bind(&ledger->database, ledger->add, "ttiii", object->key, object->tag,
                               (int64_t)object->size, object->modified, object->time) &&
                 database_step(&ledger->database, ledger->add) == 0;
    sqlite3_reset(ledger->add);
    return added;
}

bool ledger_add_aside(struct ledger *ledger, bool is_full)
{
    return database_run(&ledger->database,
                        is_full
                            ? "DELETE FROM aside WHERE key NOT IN (SELECT key FROM batch_object)"
                            : "INSERT OR IGNORE INTO batch_object (key, tag, size, modified, time)"
                              " SELECT key, tag, size, modified, time FROM aside");
}

bool ledger_begun(struct ledger *ledger, bool is_full)
{
    return end(ledger, database_do(&ledger->database, "UPDATE batch SET is_full = ?", "i",
                                   (int64_t)is_full));
}

void ledger_undo(struct ledger *ledger)
{
    roll_back(ledger);
}

int ledger_get_batch(struct ledger *ledger, struct ledger_batch *batch)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database,
                         "SELECT id, begun, coalesce((SELECT min(since) FROM variant), 0),"
                         " writes_open FROM batch",
                         "");
    int found = statement ? database_step(&ledger->database, statement) : -1;
    if (found > 0) {
        *batch = (struct ledger_batch){
            .begun = sqlite3_column_int64(statement, 1),
            .handed_out = sqlite3_column_int64(statement, 2),
            .writes_open = sqlite3_column_int(statement, 3),
        };
        copy_id(batch->id, statement, 0);
    }
    sqlite3_finalize(statement);
    return found;
}

bool ledger_batch_is_late(const struct ledger_batch *batch, int64_t now)
{
    return batch->handed_out && now - batch->handed_out > LATE_S;
}

bool ledger_visit_batch(struct ledger *ledger, ledger_visit *visit, void *user)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database,
                         "SELECT key, tag, size, modified, time, fate,"
                         " EXISTS (SELECT 1 FROM aside WHERE aside.key = batch_object.key"
                         " AND aside.tag = batch_object.tag)"
                         " FROM batch_object ORDER BY key",
                         "");
    int more = -1;
    while (statement && (more = database_step(&ledger->database, statement)) > 0) {
        struct ledger_object object = read_object(statement);
        if (!visit(user, &object, (enum ledger_fate)sqlite3_column_int(statement, 5),
                   sqlite3_column_int(statement, 6))) {
            more = -1;
            break;
        }
    }
    sqlite3_finalize(statement);
    return more == 0;
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

static bool leave_out(struct ledger *ledger, const struct ledger_left_out *object)
{
    if (!database_do(&ledger->database, "UPDATE batch_object SET fate = ? WHERE key = ?", "it",
                     (int64_t)object->fate, object->key))
        return false;
    return object->fate != LEDGER_ASIDE ||
           database_do(&ledger->database,
                       "INSERT INTO aside SELECT key, tag, size, modified, time, ?, ?"
                       " FROM batch_object WHERE key = ?"
                       " ON CONFLICT (key) DO UPDATE SET cause = excluded.cause,"
                       " since = iif(tag = excluded.tag, since, excluded.since),"
                       " tag = excluded.tag, size = excluded.size, modified = excluded.modified,"
                       " time = excluded.time",
                       "tit", object->cause, (int64_t)time(NULL), object->key);
}

/* The batch is handed out under its ID as of now; nothing changes when it was before. */
static bool add_variant(struct ledger *ledger, const struct ledger_outcome *outcome)
{
    return database_do(&ledger->database,
                       "INSERT OR IGNORE INTO variant SELECT id, ?, ?, ?, ? FROM batch", "ibii",
                       (int64_t)time(NULL), outcome->views, outcome->views_size,
                       (int64_t)outcome->open_views, (int64_t)outcome->bad);
}

bool ledger_hand_out(struct ledger *ledger, const struct ledger_left_out *left_out, size_t count,
                     const struct ledger_outcome *outcome)
{
    if (!database_run(&ledger->database, "BEGIN IMMEDIATE"))
        return false;
    bool done = true;
    for (size_t i = 0; done && i < count; i++)
        done = leave_out(ledger, &left_out[i]);
    return end(ledger, done && add_variant(ledger, outcome));
}

/* Whether the batch was handed out without some of its objects: 1, 0, or -1. */
static int has_missing(struct ledger *ledger)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database, "SELECT 1 FROM missing LIMIT 1", "");
    int found = statement ? database_step(&ledger->database, statement) : -1;
    sqlite3_finalize(statement);
    return found;
}

bool ledger_hand_out_again(struct ledger *ledger, const char *const *missing, size_t count,
                           const char *id, const struct ledger_outcome *outcome)
{
    static const char choose[] =
        "UPDATE batch SET id = coalesce((SELECT v.id FROM variant AS v"
        " WHERE NOT EXISTS (SELECT m.key FROM missing AS m WHERE m.id = v.id"
        " EXCEPT SELECT m.key FROM missing AS m WHERE m.id = ?1)"
        " AND NOT EXISTS (SELECT m.key FROM missing AS m WHERE m.id = ?1"
        " EXCEPT SELECT m.key FROM missing AS m WHERE m.id = v.id)), ?1)";
    int before = has_missing(ledger);
    if (before < 0 || (!before && !count))
        return before == 0;
    if (!database_run(&ledger->database, "BEGIN IMMEDIATE"))
        return false;
    bool done = true;
    for (size_t i = 0; done && i < count; i++)
        done = database_do(&ledger->database, "INSERT INTO missing VALUES (?, ?)", "tt", id,
                           missing[i]);
    done = done && database_do(&ledger->database, choose, "t", id) &&
           database_run(&ledger->database, "DELETE FROM missing WHERE id NOT IN"
                                           " (SELECT id FROM variant UNION SELECT id FROM batch)");
    return end(ledger, done && add_variant(ledger, outcome));
}

int ledger_has_handed_out(struct ledger *ledger, const char *id)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database, "SELECT 1 FROM variant WHERE id = ?", "t", id);
    int found = statement ? database_step(&ledger->database, statement) : -1;
    sqlite3_finalize(statement);
    return found;
}

bool ledger_get_replaced(struct ledger *ledger, struct buffer *ids)
{
    sqlite3_stmt *statement = database_prepare(
        &ledger->database,
        "SELECT id FROM variant WHERE id NOT IN (SELECT id FROM batch) ORDER BY id", "");
    int more = -1;
    while (statement && (more = database_step(&ledger->database, statement)) > 0)
        buffer_printf(ids, "%s%s", ids->size ? " " : "",
                      (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    if (more == 0 && ids->failed)
        message_error("out of memory");
    return more == 0 && !ids->failed;
}

bool ledger_get_previous(struct ledger *ledger, char id[LEDGER_ID_SIZE])
{
    char *text;
    if (!get_text(ledger, "previous", &text))
        return false;
    sqlite3_snprintf(LEDGER_ID_SIZE, id, "%s", text ? text : "");
    free(text);
    return true;
}

bool ledger_set_previous(struct ledger *ledger, const char *id)
{
    return *id ? set_text(ledger, "previous", id)
               : database_run(&ledger->database, "DELETE FROM state WHERE name = 'previous'");
}

bool ledger_get_owner(struct ledger *ledger, struct ledger_owner *owner)
{
    *owner = (struct ledger_owner){0};
    if (get_text(ledger, "site", &owner->site) && get_text(ledger, "given", &owner->given) &&
        get_text(ledger, "source", &owner->source))
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
    bool done = set_text(ledger, "site", owner->site) && set_text(ledger, "given", owner->given) &&
                set_text(ledger, "source", owner->source);
    for (size_t i = 0; from && done && i < sizeof tables / sizeof *tables; i++) {
        sqlite3_snprintf(sizeof sql, sql,
                         "UPDATE OR REPLACE %s SET key = ?2 || substr(key, length(?1) + 1)"
                         " WHERE substr(key, 1, length(?1)) = ?1",
                         tables[i]);
        done = database_do(&ledger->database, sql, "tt", from, to);
    }
    return end(ledger, done);
}

bool ledger_commit(struct ledger *ledger, const char *id, bool clean_up, const char *previous)
{
    /* An object that is another one now may be in no later listing that starts at new keys: so the
     * next one is full. */
    static const char commit[] =
        "UPDATE batch_object SET fate = 2"
        " WHERE key IN (SELECT key FROM missing JOIN batch USING (id));"
        "INSERT OR IGNORE INTO object SELECT key, tag, size FROM batch_object WHERE fate = 0"
        " ORDER BY key;"
        "DELETE FROM aside WHERE key IN (SELECT key FROM batch_object WHERE fate <> 1);"
        "INSERT OR REPLACE INTO state SELECT 'views', views FROM variant JOIN batch USING (id);"
        "INSERT OR REPLACE INTO state SELECT 'open_views', open_views FROM variant"
        " JOIN batch USING (id);"
        "INSERT OR REPLACE INTO state SELECT 'last_id', id FROM batch;"
        "INSERT OR REPLACE INTO state SELECT 'listed_in_full', begun FROM batch WHERE is_full;"
        "INSERT OR REPLACE INTO state SELECT 'listed_in_full', 0 FROM batch_object WHERE fate = 2"
        " LIMIT 1;"
        "INSERT OR REPLACE INTO state SELECT 'newest', max(time, coalesce((SELECT value FROM state"
        " WHERE name = 'newest'), 0)) FROM (SELECT max(time) AS time FROM batch_object"
        " WHERE fate = 0) WHERE time IS NOT NULL;"
        "INSERT OR REPLACE INTO state SELECT 'last_bad', bad FROM variant JOIN batch USING (id)"
        " WHERE EXISTS (SELECT 1 FROM batch_object);"
        "INSERT OR REPLACE INTO state SELECT 'last_objects', n FROM (SELECT count(*) AS n"
        " FROM batch_object WHERE fate = 0) WHERE EXISTS (SELECT 1 FROM batch_object);"
        "INSERT OR REPLACE INTO state SELECT 'bad', bad + coalesce((SELECT value FROM state"
        " WHERE name = 'bad'), 0) FROM variant JOIN batch USING (id);"
        "INSERT OR REPLACE INTO state SELECT 'objects', n + coalesce((SELECT value FROM state"
        " WHERE name = 'objects'), 0) FROM (SELECT count(*) AS n FROM batch_object WHERE fate = 0)"
        " WHERE n > 0;";
    if (!database_run(&ledger->database, "BEGIN IMMEDIATE"))
        return false;
    bool done = database_do(&ledger->database, "UPDATE batch SET id = ?", "t", id) &&
                database_run(&ledger->database, commit) && ledger_set_previous(ledger, previous) &&
                set_number(ledger, "committed", (int64_t)time(NULL)) &&
                (!clean_up || database_run(&ledger->database,
                                           "INSERT OR REPLACE INTO clean_up SELECT key, tag, size,"
                                           " modified FROM batch_object WHERE fate = 0")) &&
                database_run(&ledger->database, "DELETE FROM batch_object; DELETE FROM missing;"
                                                "DELETE FROM variant; DELETE FROM batch");
    return end(ledger, done);
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
        struct ledger_object object = read_object(statement);
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
    return end(ledger, done);
}

bool ledger_get_last_id(struct ledger *ledger, char id[LEDGER_ID_SIZE])
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database, "SELECT value FROM state WHERE name = 'last_id'", "");
    int found = statement ? database_step(&ledger->database, statement) : -1;
    *id = '\0';
    if (found > 0)
        copy_id(id, statement, 0);
    sqlite3_finalize(statement);
    return found >= 0;
}

/* The numbers of the table state, by name, 0 for one that is missing. */
static bool get_number(struct ledger *ledger, const char *name, int64_t *number)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database, "SELECT value FROM state WHERE name = ?", "t", name);
    int found = statement ? database_step(&ledger->database, statement) : -1;
    *number = found > 0 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return found >= 0;
}

bool ledger_get_full_listing(struct ledger *ledger, int64_t *time)
{
    return get_number(ledger, "listed_in_full", time);
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
    bool done =
        get_number(ledger, "objects", &number[0]) && get_number(ledger, "open_views", &number[1]) &&
        get_number(ledger, "last_objects", &number[2]) &&
        get_number(ledger, "last_bad", &number[3]) && get_number(ledger, "bad", &number[4]) &&
        get_number(ledger, "committed", &status->committed) &&
        get_number(ledger, "newest", &status->newest) &&
        get_number(ledger, "listed_in_full", &status->listed_in_full) &&
        ledger_get_last_id(ledger, status->last_id) &&
        count_rows(ledger, "SELECT count(*) FROM clean_up", &status->to_clean_up) &&
        count_rows(ledger, "SELECT count(*) FROM batch_object", &status->in_batch) &&
        count_rows(ledger, "SELECT count(*) FROM aside", &status->aside);
    roll_back(ledger);
    status->objects = (uint64_t)number[0];
    status->open_views = (uint64_t)number[1];
    status->last_objects = (uint64_t)number[2];
    status->last_bad = (uint64_t)number[3];
    status->bad = (uint64_t)number[4];
    return done;
}

bool ledger_visit_all_aside(struct ledger *ledger, ledger_visit_aside *visit, void *user)
{
    sqlite3_stmt *statement = database_prepare(
        &ledger->database,
        "SELECT key, tag, size, modified, time, since, cause FROM aside ORDER BY key", "");
    int more = -1;
    while (statement && (more = database_step(&ledger->database, statement)) > 0) {
        struct ledger_object object = read_object(statement);
        if (!visit(user, &object, sqlite3_column_int64(statement, 5),
                   (const char *)sqlite3_column_text(statement, 6))) {
            more = -1;
            break;
        }
    }
    sqlite3_finalize(statement);
    return more == 0;
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
