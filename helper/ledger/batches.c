#include <stdlib.h>
#include <time.h>

#include "ledger/internal.h"
#include "text/message.h"

enum { LATE_S = 24 * 3600 };

bool ledger_begin(struct ledger *ledger, const struct ledger_batch *batch)
{
    if (!database_run(&ledger->database, "BEGIN IMMEDIATE"))
        return false;
    if (database_do(&ledger->database,
                    "INSERT INTO batch (id, begun, writes_open, is_full) VALUES (?, ?, ?, 0)",
                    "tii", batch->id, batch->begun, (int64_t)batch->writes_open))
        return true;
    database_roll_back(&ledger->database);
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
    return database_end(
        &ledger->database,
        database_do(&ledger->database, "UPDATE batch SET is_full = ?", "i", (int64_t)is_full));
}

void ledger_undo(struct ledger *ledger)
{
    database_roll_back(&ledger->database);
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
        row_copy_id(batch->id, statement, 0);
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
        struct ledger_object object = row_read_object(statement);
        if (!visit(user, &object, (enum ledger_fate)sqlite3_column_int(statement, 5),
                   sqlite3_column_int(statement, 6))) {
            more = -1;
            break;
        }
    }
    sqlite3_finalize(statement);
    return more == 0;
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
    return database_end(&ledger->database, done && add_variant(ledger, outcome));
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
    return database_end(&ledger->database, done && add_variant(ledger, outcome));
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
                state_set_number(ledger, "committed", (int64_t)time(NULL)) &&
                (!clean_up || database_run(&ledger->database,
                                           "INSERT OR REPLACE INTO clean_up SELECT key, tag, size,"
                                           " modified FROM batch_object WHERE fate = 0")) &&
                database_run(&ledger->database, "DELETE FROM batch_object; DELETE FROM missing;"
                                                "DELETE FROM variant; DELETE FROM batch");
    return database_end(&ledger->database, done);
}
