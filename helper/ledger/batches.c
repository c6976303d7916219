/* The open batch: begin, prepare, commit. */
#include <stdlib.h>
#include <time.h>

#include "ledger/internal.h"
#include "ledger/pack.h"
#include "ledger/vacuum.h"

enum { LATE_S = 24 * 3600 };

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Stores how long the committed run took, and when it ended. */
static bool end_run(struct ledger *ledger)
{
    int64_t started, duration, now = now_ms();
    if (!state_get_number(ledger, STATE_STARTED, &started) ||
        !state_set_number(ledger, STATE_COMMITTED, now / 1000) ||
        !state_remove(ledger, STATE_STARTED))
        return false;
    bool is_known = started > 0 && !__builtin_sub_overflow(now, started, &duration) &&
                    duration >= 0; /* else the clock was set back */
    return is_known ? state_set_number(ledger, STATE_DURATION, duration)
                    : state_remove(ledger, STATE_DURATION);
}

bool ledger_resume(struct ledger *ledger)
{
    return state_set_number(ledger, STATE_STARTED, now_ms());
}

bool ledger_begin(struct ledger *ledger, const struct ledger_batch *batch)
{
    /* A run of an older version may have opened the ledger before this version changed the tables.  Such a run still
     * commits, and stores objects without the number of their log. */
    static const char numbers[] = "UPDATE object SET log = log_number(key) WHERE log = 0";
    if (!database_run(&ledger->database, "BEGIN IMMEDIATE"))
        return false;
    if (database_run(&ledger->database, numbers) &&
        database_do(&ledger->database,
                    "INSERT INTO batch (id, begun, writes_open, is_full, reading)"
                    " VALUES (?, ?, ?, 0, ?)",
                    "tiit", batch->id, batch->begun, (int64_t)batch->writes_open,
                    ledger_reading(ledger)) &&
        ledger_resume(ledger))
        return true;
    database_roll_back(&ledger->database);
    return false;
}

bool ledger_add(struct ledger *ledger, const struct ledger_object *object, const char *twin)
{
    static const char sql[] = "INSERT OR REPLACE INTO batch_object (key, tag, size, modified, "
                              "time, content, digest, log, twin)"
                              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, log_number(?1),"
                              " coalesce((SELECT twin FROM batch_object WHERE key = ?8), ?8))";
    if (!ledger->add && !(ledger->add = database_prepare(&ledger->database, sql, "")))
        return false;
    bool added = database_bind(&ledger->database, ledger->add, "ttiiittt", object->key, object->tag,
                               (int64_t)object->size, object->modified, object->time,
                               object->content ? object->content : "",
                               object->digest ? object->digest : "", twin) &&
                 database_step(&ledger->database, ledger->add) == 0;
    sqlite3_reset(ledger->add);
    return added;
}

bool ledger_visit_unlisted(struct ledger *ledger, ledger_visit_object *visit, void *user)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database,
                         "SELECT key, tag, size, modified, time FROM quarantined AS q WHERE NOT"
                         " EXISTS (SELECT 1 FROM batch_object AS b WHERE b.key = q.key)"
                         " ORDER BY key",
                         "");
    return row_visit_objects(ledger, statement, visit, user);
}

bool ledger_drop_quarantined(struct ledger *ledger, bool is_full)
{
    /* EXISTS makes SQLite look up each of these few rows in the other tables, instead of reading a whole table. */
    static const char counted[] =
        "DELETE FROM quarantined AS q WHERE EXISTS (SELECT 1 FROM object AS o"
        " WHERE o.key = q.key AND o.tag = q.tag AND o.size = q.size)"
        " OR EXISTS (SELECT 1 FROM packed AS p"
        " WHERE p.key = q.key AND p.tag = q.tag AND p.size = q.size)";
    static const char not_listed[] = "DELETE FROM quarantined AS q WHERE NOT EXISTS"
                                     " (SELECT 1 FROM batch_object AS b WHERE b.key = q.key)";
    return database_run(&ledger->database, counted) &&
           (!is_full || database_run(&ledger->database, not_listed));
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

bool ledger_abandon(struct ledger *ledger)
{
    return database_run(&ledger->database, "BEGIN IMMEDIATE") &&
           database_end(&ledger->database,
                        database_run(&ledger->database,
                                     "DELETE FROM batch_object"
                                     " WHERE NOT EXISTS (SELECT 1 FROM revision);"
                                     "DELETE FROM batch"
                                     " WHERE NOT EXISTS (SELECT 1 FROM revision);"
                                     "DELETE FROM state WHERE name = 'started'"
                                     " AND NOT EXISTS (SELECT 1 FROM batch)"));
}

bool ledger_abandon_prepared(struct ledger *ledger)
{
    return database_run(&ledger->database, "BEGIN IMMEDIATE") &&
           database_end(&ledger->database,
                        database_run(&ledger->database,
                                     "DELETE FROM batch_object; DELETE FROM missing;"
                                     "DELETE FROM revision; DELETE FROM batch;"
                                     "DELETE FROM state WHERE name = 'started'"));
}

int ledger_get_batch(struct ledger *ledger, struct ledger_batch *batch)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database,
                         "SELECT id, begun, coalesce((SELECT min(prepared) FROM revision), 0),"
                         " writes_open FROM batch",
                         "");
    int found = statement ? database_step(&ledger->database, statement) : -1;
    if (found > 0) {
        *batch = (struct ledger_batch){
            .begun = sqlite3_column_int64(statement, 1),
            .prepared = sqlite3_column_int64(statement, 2),
            .writes_open = sqlite3_column_int(statement, 3),
        };
        row_copy_id(batch->id, statement, 0);
    }
    sqlite3_finalize(statement);
    return found;
}

bool ledger_batch_is_late(const struct ledger_batch *batch, int64_t now)
{
    int64_t age;
    return batch->prepared && !__builtin_sub_overflow(now, batch->prepared, &age) && age > LATE_S;
}

bool ledger_visit_batch(struct ledger *ledger, ledger_visit *visit, void *user)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database,
                         "SELECT key, tag, size, modified, time, outcome,"
                         " EXISTS (SELECT 1 FROM quarantined AS q WHERE q.key = batch_object.key"
                         " AND q.tag = batch_object.tag), twin"
                         " FROM batch_object ORDER BY key",
                         "");
    struct rows rows = rows_of(ledger, statement);
    while (rows_next(&rows)) {
        struct ledger_object object = row_read_object(statement);
        rows.is_end = !visit(user, &object, (const char *)sqlite3_column_text(statement, 7),
                             (enum ledger_outcome)sqlite3_column_int(statement, 5),
                             sqlite3_column_int(statement, 6));
    }
    return rows_finish(&rows);
}

static bool leave_out(struct ledger *ledger, const struct ledger_left_out *object)
{
    if (!database_do(&ledger->database,
                     "UPDATE batch_object SET outcome = ?, twin = coalesce(?, twin) WHERE key = ?",
                     "itt", (int64_t)object->outcome, object->twin, object->key))
        return false;
    if (object->outcome == LEDGER_NO_REQUESTS)
        return ledger_pass_over(ledger, object->key, object->error);
    /* An object that fails again keeps the time of its first failure, unless it was replaced. */
    return object->outcome != LEDGER_QUARANTINED ||
           database_do(&ledger->database,
                       "INSERT INTO quarantined (key, tag, size, modified, time, error, since)"
                       " SELECT key, tag, size, modified, time, ?, ? FROM batch_object"
                       " WHERE key = ?"
                       " ON CONFLICT (key) DO UPDATE SET error = excluded.error,"
                       " since = iif(tag = excluded.tag, since, excluded.since),"
                       " tag = excluded.tag, size = excluded.size, modified = excluded.modified,"
                       " time = excluded.time",
                       "tit", object->error, (int64_t)time(NULL), object->key);
}

/* Stores the batch's present revision, unless the ledger has this revision already. */
static bool add_revision(struct ledger *ledger, const struct ledger_revision *revision)
{
    return database_do(&ledger->database,
                       "INSERT OR IGNORE INTO revision (id, prepared, views, open_views, bad)"
                       " SELECT id, ?, ?, ?, ? FROM batch",
                       "ibii", (int64_t)time(NULL), revision->views, revision->views_size,
                       (int64_t)revision->open_views, (int64_t)revision->bad);
}

/* Stores the digests of the objects that were read, and which of these stay. */
static bool set_digests(struct ledger *ledger, const struct ledger_read *read, size_t count)
{
    sqlite3_stmt *statement = database_prepare(
        &ledger->database, "UPDATE batch_object SET digest = ?, stays = ? WHERE key = ?", "");
    bool done = statement != NULL;
    for (size_t i = 0; done && i < count; i++) {
        char digest[DIGEST_WRITTEN_SIZE];
        digest_write(&read[i].digest, digest);
        done = database_bind(&ledger->database, statement, "tit", digest, (int64_t)read[i].stays,
                             read[i].key) &&
               database_step(&ledger->database, statement) == 0;
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    return done;
}

bool ledger_prepare(struct ledger *ledger, const struct ledger_left_out *left_out, size_t count,
                    const struct ledger_read *read, size_t read_count,
                    const struct ledger_revision *revision)
{
    if (!database_run(&ledger->database, "BEGIN IMMEDIATE"))
        return false;
    bool done = true;
    for (size_t i = 0; done && i < count; i++)
        done = leave_out(ledger, &left_out[i]);
    return database_end(&ledger->database, done && set_digests(ledger, read, read_count) &&
                                               add_revision(ledger, revision));
}

/* Returns 1 if a revision of the batch lacks some of its objects, 0 if none does, -1 after an error. */
static int has_missing(struct ledger *ledger)
{
    return database_has_row(&ledger->database, "SELECT 1 FROM missing LIMIT 1", "");
}

bool ledger_prepare_again(struct ledger *ledger, const char *const *missing, size_t count,
                          const char *id, const struct ledger_revision *revision)
{
    /* Chooses the revision that lacks exactly the same objects as ?1. */
    static const char choose[] =
        "UPDATE batch SET id = coalesce((SELECT r.id FROM revision AS r"
        " WHERE NOT EXISTS (SELECT m.key FROM missing AS m WHERE m.id = r.id"
        " EXCEPT SELECT m.key FROM missing AS m WHERE m.id = ?1)"
        " AND NOT EXISTS (SELECT m.key FROM missing AS m WHERE m.id = ?1"
        " EXCEPT SELECT m.key FROM missing AS m WHERE m.id = r.id)), ?1)";
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
                                           " (SELECT id FROM revision UNION SELECT id FROM batch)");
    return database_end(&ledger->database, done && add_revision(ledger, revision));
}

int ledger_is_quarantined(struct ledger *ledger, const struct ledger_object *object)
{
    return database_has_row(&ledger->database,
                            "SELECT 1 FROM quarantined WHERE key = ? AND tag = ?", "tt",
                            object->key, object->tag);
}

int ledger_has_prepared(struct ledger *ledger, const char *id)
{
    return database_has_row(&ledger->database, "SELECT 1 FROM revision WHERE id = ?", "t", id);
}

bool ledger_get_replaced(struct ledger *ledger, struct buffer *ids)
{
    sqlite3_stmt *statement = database_prepare(
        &ledger->database,
        "SELECT id FROM revision WHERE id NOT IN (SELECT id FROM batch) ORDER BY id", "");
    struct rows rows = rows_of(ledger, statement);
    while (rows_next(&rows))
        buffer_printf(ids, "%s%s", ids->size ? " " : "",
                      (const char *)sqlite3_column_text(statement, 0));
    return rows_finish(&rows);
}

/* SQL: and the object of the batch is not among the packed ones. */
#define NOT_PACKED                                                                                 \
    " AND NOT EXISTS (SELECT 1 FROM packed AS p WHERE p.key = batch_object.key"                    \
    " AND p.tag = batch_object.tag AND p.size = batch_object.size)"

/* The statements of a commit, in their order, after batch.id was set to the revision that AWStats
 * has counted.  Parameters: :name is the row of the table state that the statement sets; the others
 * are outcomes (run_step()). */
static const struct step {
    const char *sql;
    enum state name; /* STATE_COUNT: the statement sets no row of the table state */
} commit_steps[] = {
    /* AWStats has counted no records of the objects that the revision lacks. */
    {"UPDATE batch_object SET outcome = :gone"
     " WHERE key IN (SELECT key FROM missing JOIN batch USING (id))",
     STATE_COUNT},
    /* The objects that were read are counted.  Sorted, because the table is a tree by key. */
    {"INSERT OR IGNORE INTO object (key, tag, size, content, digest, log)"
     " SELECT key, tag, size, content, digest, log FROM batch_object WHERE outcome = "
     ":read" NOT_PACKED " ORDER BY key",
     STATE_COUNT},
    /* After a full listing, this batch has all existing objects that an earlier run passed over with another reading.
     * Those that this batch passed over, too, have its reading now.  The other rows are out of date. */
    {"DELETE FROM passed_over WHERE EXISTS"
     " (SELECT 1 FROM batch WHERE is_full AND reading <> passed_over.reading)",
     STATE_COUNT},
    /* A copy becomes known in the same commit that counts the object with the same log. */
    {"INSERT OR IGNORE INTO object (key, tag, size, content, digest, log)"
     " SELECT c.key, c.tag, c.size, c.content, c.digest, c.log FROM batch_object AS c"
     " JOIN batch_object AS b ON b.key = c.twin"
     " WHERE c.outcome = :copy AND b.outcome = :read AND NOT EXISTS (SELECT 1 FROM packed AS p"
     " WHERE p.key = c.key AND p.tag = c.tag AND p.size = c.size)",
     STATE_COUNT},
    {"INSERT OR IGNORE INTO object (key, tag, size, content, digest, log)"
     " SELECT key, tag, size, content, digest, log FROM batch_object WHERE outcome = "
     ":known" NOT_PACKED,
     STATE_COUNT},
    /* The quarantine keeps only objects that this batch could not read either, and those that were
     * not in it. */
    {"DELETE FROM quarantined"
     " WHERE key IN (SELECT key FROM batch_object WHERE outcome <> :quarantined)",
     STATE_COUNT},
    /* The next batch goes on with the views that are open after this one. */
    {"INSERT OR REPLACE INTO state SELECT :name, views FROM revision JOIN batch USING (id)",
     STATE_VIEWS},
    {"INSERT OR REPLACE INTO state SELECT :name, open_views FROM revision JOIN batch USING (id)",
     STATE_OPEN_VIEWS},
    /* With this ID, a second commit of the same batch succeeds without changing anything. */
    {"INSERT OR REPLACE INTO state SELECT :name, id FROM batch", STATE_LAST_ID},
    /* The listing that began this batch was a full one. */
    {"INSERT OR REPLACE INTO state SELECT :name, begun FROM batch WHERE is_full",
     STATE_LISTED_IN_FULL},
    /* Listings usually start at new keys, so they may never list the object that replaced a gone one.
     * After a batch with gone objects, the next listing is therefore full. */
    {"INSERT OR REPLACE INTO state SELECT :name, 0 FROM batch_object WHERE outcome = :gone LIMIT 1",
     STATE_LISTED_IN_FULL},
    /* status shows the time of the newest counted object; pack.c compares objects with it.  An hour to come counts
     * as the present one: it would hide for as long that no new logs come. */
    {"INSERT OR REPLACE INTO state SELECT :name,"
     " min(max(time, coalesce((SELECT value FROM state WHERE name = :name), 0)),"
     " (CAST(strftime('%s', 'now') AS INTEGER) / 3600 + 1) * 3600)"
     " FROM (SELECT max(time) AS time FROM batch_object WHERE outcome = :read)"
     " WHERE time IS NOT NULL",
     STATE_NEWEST},
    /* Batches without objects, such as those of an hourly run that finds nothing, do not hide the
     * numbers of the last one that had some. */
    {"INSERT OR REPLACE INTO state SELECT :name, bad FROM revision JOIN batch USING (id)"
     " WHERE EXISTS (SELECT 1 FROM batch_object)",
     STATE_LAST_BAD},
    {"INSERT OR REPLACE INTO state SELECT :name, n"
     " FROM (SELECT count(*) AS n FROM batch_object WHERE outcome = :read)"
     " WHERE EXISTS (SELECT 1 FROM batch_object)",
     STATE_LAST_OBJECTS},
    /* The totals. */
    {"INSERT OR REPLACE INTO state SELECT :name,"
     " bad + coalesce((SELECT value FROM state WHERE name = :name), 0)"
     " FROM revision JOIN batch USING (id)",
     STATE_BAD},
    {"INSERT OR REPLACE INTO state SELECT :name,"
     " n + coalesce((SELECT value FROM state WHERE name = :name), 0)"
     " FROM (SELECT count(*) AS n FROM batch_object WHERE outcome = :read) WHERE n > 0",
     STATE_OBJECTS},
    {"INSERT OR REPLACE INTO state SELECT :name,"
     " n + coalesce((SELECT value FROM state WHERE name = :name), 0)"
     " FROM (SELECT sum(size) AS n FROM batch_object WHERE outcome = :read) WHERE n > 0",
     STATE_BYTES},
};

/* Stores which objects must be deleted or moved: the counted ones, and copies of them with the same content or the
 * same text.  Other copies stay. */
static const struct step clean_up_step = {
    "INSERT OR REPLACE INTO clean_up (key, tag, size, modified)"
    " SELECT key, tag, size, modified FROM batch_object AS c"
    " WHERE (outcome IN (:read, :known) AND NOT stays) OR"
    " (outcome = :copy AND EXISTS (SELECT 1 FROM batch_object AS b WHERE b.key = c.twin"
    " AND b.outcome = :read AND NOT b.stays AND ((b.content = c.content AND (c.content <> '' OR "
    "b.tag = c.tag))"
    " OR (b.digest = c.digest AND c.digest <> ''))))",
    STATE_COUNT};

/* Runs a step.  Most statements have only some of the parameters; binding another one does nothing. */
static bool run_step(struct ledger *ledger, const struct step *step)
{
    sqlite3_stmt *statement = database_prepare(&ledger->database, step->sql, "");
    if (!statement)
        return false;
    const struct {
        const char *name;
        enum ledger_outcome outcome;
    } outcomes[] = {{":read", LEDGER_READ},
                    {":quarantined", LEDGER_QUARANTINED},
                    {":gone", LEDGER_GONE},
                    {":copy", LEDGER_COPY},
                    {":known", LEDGER_KNOWN}};
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        database_bind_number(statement, outcomes[i].name, (int64_t)outcomes[i].outcome);
    if (step->name != STATE_COUNT)
        database_bind_text(statement, ":name", state_name(step->name));
    bool done = database_step(&ledger->database, statement) == 0;
    sqlite3_finalize(statement);
    return done;
}

bool ledger_commit(struct ledger *ledger, const char *id, bool clean_up, bool has_request_ids,
                   const char *previous, const char *files, const char *figures)
{
    if (!database_run(&ledger->database, "BEGIN IMMEDIATE"))
        return false;
    int64_t objects = 0;
    bool done =
        database_read_number(&ledger->database, "SELECT count(*) FROM batch_object", &objects) &&
        database_do(&ledger->database, "UPDATE batch SET id = ?", "t", id);
    for (size_t i = 0; done && i < sizeof commit_steps / sizeof *commit_steps; i++)
        done = run_step(ledger, &commit_steps[i]);
    done = done && (!clean_up || run_step(ledger, &clean_up_step)) &&
           (!has_request_ids || state_set_text(ledger, STATE_REQUEST_IDS, id)) &&
           ledger_set_previous(ledger, previous) && files_commit(ledger, files, id) &&
           figures_commit(ledger, figures) && end_run(ledger) &&
           database_run(&ledger->database, "DELETE FROM batch_object;"
                                           "DELETE FROM missing;"
                                           "DELETE FROM revision;"
                                           "DELETE FROM batch");
    done = database_end(&ledger->database, done);
    if (done) {
        pack_go_on(ledger, (uint64_t)objects);
        vacuum_if_useful(&ledger->database);
    }
    return done;
}
