/* The objects that were counted, are quarantined, or must be deleted or moved. */
#include <stdlib.h>
#include <string.h>

#include "ledger/internal.h"
#include "ledger/pack.h"
#include "memory/allocate.h"

/* Returns the statement for the key: made of SQL[1] when packed objects can match, else of SQL[0].  NULL: failed. */
static sqlite3_stmt *choose(struct ledger *ledger, sqlite3_stmt *statements[2],
                            const char *const sql[2], const char *key)
{
    const int i = packed_can_have(&ledger->packed, key);
    if (!statements[i])
        statements[i] = database_prepare(&ledger->database, sql[i], "");
    return statements[i];
}

int ledger_knows(struct ledger *ledger, const struct ledger_object *object, bool *has_content)
{
#define IS_IN(table) " FROM " table " WHERE key = ?1 AND tag = ?2 AND size = ?3"
#define COUNTED      "SELECT content <> '', ?5" IS_IN("object")
#define PACKED       " UNION ALL SELECT 0, ?5" IS_IN("packed")
#define PASSED_OVER  " UNION ALL SELECT 1, ?6" IS_IN("passed_over") " AND reading = ?4"
    static const char *const sql[] = {COUNTED PASSED_OVER, COUNTED PACKED PASSED_OVER};
#undef IS_IN
#undef COUNTED
#undef PACKED
#undef PASSED_OVER
    *has_content = false;
    if (packed_has_lately(&ledger->packed, object))
        return LEDGER_IS_COUNTED;
    sqlite3_stmt *statement = choose(ledger, ledger->knows, sql, object->key);
    if (!statement || !database_bind(&ledger->database, statement, "ttitii", object->key,
                                     object->tag, (int64_t)object->size, ledger_reading(ledger),
                                     (int64_t)LEDGER_IS_COUNTED, (int64_t)LEDGER_IS_PASSED_OVER))
        return -1;
    int found = database_step(&ledger->database, statement);
    *has_content = found > 0 && sqlite3_column_int(statement, 0);
    if (found > 0)
        found = sqlite3_column_int(statement, 1);
    sqlite3_reset(statement);
    return found;
}

int ledger_knows_key(struct ledger *ledger, const char *key)
{
    static const char sql[] =
        "SELECT 1 FROM object WHERE key = ?1 UNION ALL SELECT 1 FROM packed WHERE key = ?1";
    if (!ledger->knows_key && !(ledger->knows_key = database_prepare(&ledger->database, sql, "")))
        return -1;
    if (!database_bind(&ledger->database, ledger->knows_key, "t", key))
        return -1;
    int found = database_step(&ledger->database, ledger->knows_key);
    sqlite3_reset(ledger->knows_key);
    return found;
}

int ledger_has_counted(struct ledger *ledger)
{
    return database_has_row(&ledger->database,
                            "SELECT 1 FROM object UNION ALL SELECT 1 FROM block LIMIT 1", "");
}

int ledger_has_counted_below(struct ledger *ledger, const char *prefix)
{
#define BELOW(table) "SELECT 1 FROM " table " WHERE key >= ?1 AND key < ?1 || char(1114111)"
    return database_has_row(&ledger->database,
                            BELOW("object") " UNION ALL " BELOW("packed") " LIMIT 1", "t", prefix);
#undef BELOW
}

bool ledger_take_unread(struct ledger *ledger, char **key)
{
    static const char sql[] =
        "SELECT key FROM (SELECT key FROM object WHERE digest = '' UNION ALL"
        " SELECT key FROM packed WHERE same_digest = '') AS o WHERE NOT EXISTS"
        " (SELECT 1 FROM object AS p WHERE p.log = log_number(o.key) AND log_name(p.key) ="
        " log_name(o.key) AND p.digest <> '') AND NOT EXISTS"
        " (SELECT 1 FROM packed AS p WHERE p.namesake = o.key AND p.digest <> '') LIMIT 1";
    int64_t was_called;
    *key = NULL;
    if (!state_get_number(ledger, STATE_UNREAD, &was_called) || was_called)
        return was_called != 0;
    sqlite3_stmt *statement = database_prepare(&ledger->database, sql, "");
    int found = statement ? database_step(&ledger->database, statement) : -1;
    if (found > 0)
        *key = memory_copy_text((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return found >= 0 && state_set_number(ledger, STATE_UNREAD, 1);
}

bool ledger_set_content(struct ledger *ledger, const struct ledger_object *object)
{
    return pack_undo_key(ledger, object->key) &&
           database_do(&ledger->database,
                       "UPDATE object SET content = ?, digest = ?"
                       " WHERE key = ? AND tag = ? AND size = ?",
                       "tttti", object->content, object->digest ? object->digest : "", object->key,
                       object->tag, (int64_t)object->size);
}

/* SQL: the rows whose objects hold the log that the object with the key ?1 holds.  An index has the numbers. */
#define OF_LOG    "log = log_number(?1) AND log_name(key) = log_name(?1)"
#define OF_PACKED "namesake = ?1"
/* The order of texts, both packed ones and rows. */
#define TEXTS_IN_ORDER " ORDER BY 6, 3, 1, 2"

/* Reads a row that has content and digest in its sixth and seventh columns. */
static struct ledger_object read_with_content(sqlite3_stmt *statement)
{
    struct ledger_object object = row_read_object(statement);
    object.content = (const char *)sqlite3_column_text(statement, 5);
    object.digest = (const char *)sqlite3_column_text(statement, 6);
    return object;
}

/* Visits the rows of a statement, and resets the statement.  Sets *IS_END when the visitor returns false. */
static bool visit_namesakes(struct ledger *ledger, sqlite3_stmt *statement, bool in_batch,
                            ledger_visit_namesake *visit, void *user, bool *is_end)
{
    struct rows rows = rows_of(ledger, statement);
    while (rows_next(&rows)) {
        struct ledger_object object = read_with_content(statement);
        rows.is_end = !visit(user, &object, in_batch);
    }
    *is_end = rows.is_end;
    return rows_reset(&rows) || *is_end;
}

bool ledger_visit_namesakes(struct ledger *ledger, const char *key, const char *content,
                            uint64_t size, ledger_visit_namesake *visit, void *user)
{
    /* The index of a table has the rows in this order, so SQLite sorts nothing. */
#define NAMESAKES(table, of_log)                                                                   \
    "SELECT key, tag, size, 0, 0, content, digest FROM " table " WHERE " of_log                    \
    " AND content = ?2 AND size BETWEEN ?3 AND ?4"
#define COUNTED NAMESAKES("object", OF_LOG)
#define PACKED  " UNION ALL " NAMESAKES("packed", OF_PACKED)
#define BY_SIZE " ORDER BY size, key, tag"
    static const char *const counted[] = {COUNTED BY_SIZE, COUNTED PACKED BY_SIZE};
    static const char in_batch[] = NAMESAKES("batch_object", OF_LOG) " ORDER BY size, key";
#undef NAMESAKES
#undef COUNTED
#undef PACKED
#undef BY_SIZE
    const bool any_size = size == LEDGER_ANY_SIZE;
    const int64_t smallest = any_size ? INT64_MIN : (int64_t)size;
    const int64_t largest = any_size ? INT64_MAX : (int64_t)size;
    bool is_end = false;
    sqlite3_stmt *statement = choose(ledger, ledger->namesakes, counted, key);
    if (!ledger->namesakes_in_batch)
        ledger->namesakes_in_batch = database_prepare(&ledger->database, in_batch, "");
    if (!statement || !ledger->namesakes_in_batch ||
        !database_bind(&ledger->database, statement, "ttii", key, content, smallest, largest) ||
        !visit_namesakes(ledger, statement, false, visit, user, &is_end))
        return false;
    return is_end ||
           (database_bind(&ledger->database, ledger->namesakes_in_batch, "ttii", key, content,
                          smallest, largest) &&
            visit_namesakes(ledger, ledger->namesakes_in_batch, true, visit, user, &is_end));
}

bool ledger_visit_texts(struct ledger *ledger, const char *key, const char *digest, bool any_name,
                        ledger_visit_object *visit, void *user)
{
#define TEXTS(table) "SELECT key, tag, size, 0, 0, content, digest FROM " table " WHERE "
    /* "+" keeps SQLite from the index of digests: in an old ledger, nearly all digests are "". */
#define COUNTED TEXTS("object") OF_LOG " AND +digest IN (?2, '')"
#define PACKED  " UNION ALL " TEXTS("packed") OF_PACKED " AND digest IN (?2, '')"
    static const char *const of_name[] = {COUNTED TEXTS_IN_ORDER, COUNTED PACKED TEXTS_IN_ORDER};
#define SAME_TEXT                                                                                  \
    " UNION ALL " TEXTS("object") "digest = ?2"                                                    \
                                  " UNION ALL " TEXTS("packed") "same_digest = ?2"
    static const char *const of_any_name[] = {
        TEXTS("object") OF_LOG " AND +digest = ''" SAME_TEXT, TEXTS("object") OF_LOG
        " AND +digest = ''"
        " UNION ALL " TEXTS("packed") OF_PACKED " AND digest = ''" SAME_TEXT};
#undef TEXTS
#undef COUNTED
#undef PACKED
#undef SAME_TEXT
    sqlite3_stmt *statement = any_name ? choose(ledger, ledger->texts_of_any_name, of_any_name, key)
                                       : choose(ledger, ledger->texts, of_name, key);
    if (!statement || !database_bind(&ledger->database, statement, "tt", key, digest))
        return false;
    struct rows rows = rows_of(ledger, statement);
    while (rows_next(&rows)) {
        struct ledger_object object = read_with_content(statement);
        rows.is_end = !visit(user, &object);
    }
    return rows_reset(&rows) || rows.is_end;
}

int ledger_has_in_batch(struct ledger *ledger, const char *key, const char *digest)
{
    return database_has_row(&ledger->database,
                            "SELECT 1 FROM batch_object WHERE " OF_LOG " AND digest = ?2", "tt",
                            key, digest);
}

bool ledger_index_contents(struct ledger *ledger, bool has_tags)
{
    /* Packed objects have no such indexes (block_search.h). */
    return database_run(&ledger->database,
                        has_tags ? "CREATE INDEX IF NOT EXISTS object_tag ON object (tag, size);"
                                   "CREATE INDEX IF NOT EXISTS object_digest ON object (digest)"
                                 : "CREATE INDEX IF NOT EXISTS object_content ON object (content);"
                                   "CREATE INDEX IF NOT EXISTS object_digest ON object (digest)");
}

/* Visits the selected objects as row_visit_objects() does, with their contents and digests. */
static bool visit_with_content(struct ledger *ledger, sqlite3_stmt *statement,
                               ledger_visit_object *visit, void *user)
{
    struct rows rows = rows_of(ledger, statement);
    while (rows_next(&rows)) {
        struct ledger_object object = read_with_content(statement);
        rows.is_end = !visit(user, &object);
    }
    return rows_finish(&rows);
}

void ledger_expect_texts(struct ledger *ledger, const struct digest *digests, size_t count)
{
    uint64_t *values = memory_allocate(count + 1, sizeof *values);
    size_t known = 0;
    for (size_t i = 0; i < count; i++)
        if (digest_is_known(&digests[i]))
            values[known++] = block_search_digest(&digests[i]);
    block_search_expect(&ledger->packed.searches[BLOCK_SEARCH_DIGESTS], values, known);
}

/* Makes the next search for an ETag look for all ETags of the batch in one pass over the blocks. */
static bool expect_tags(struct ledger *ledger)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database, "SELECT tag FROM batch_object", "");
    uint64_t *values = NULL;
    size_t count = 0, capacity = 0;
    struct rows rows = rows_of(ledger, statement);
    while (rows_next(&rows)) {
        uint8_t tag[BLOCK_TAG_SIZE];
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        if (!text || !block_read_tag(tag, text))
            continue;
        values = array_grow(values, count, &capacity, sizeof *values);
        values[count++] = block_search_tag(tag);
    }
    block_search_expect(&ledger->packed.searches[BLOCK_SEARCH_TAGS], values, count);
    return rows_finish(&rows);
}

bool ledger_visit_equals(struct ledger *ledger, bool has_tags, ledger_visit_equal *visit,
                         void *user)
{
    /* CROSS JOIN: SQLite reads the few objects of the batch, and finds the counted ones by an index, or in their
     * blocks. */
#define EQUALS(table, are_equal)                                                                   \
    "SELECT b.key, b.tag, b.size, b.modified, b.time, b.content, b.digest,"                        \
    " o.key, o.tag, o.size, o.content, o.digest"                                                   \
    " FROM batch_object AS b CROSS JOIN " table " AS o WHERE " are_equal
#define HAVE_TAG " AND b.size = o.size AND b.tag <> ''"
#define IN_ORDER " ORDER BY 1, 8"
    static const char of_tags[] = EQUALS("object", "b.tag = o.tag" HAVE_TAG) " UNION ALL " EQUALS(
        "packed", "o.same_tag = b.tag" HAVE_TAG) IN_ORDER,
                      of_contents[] =
                          EQUALS("object", "b.content = o.content AND b.content <> ''") IN_ORDER;
#undef EQUALS
#undef HAVE_TAG
#undef IN_ORDER
    sqlite3_stmt *statement = NULL;
    if (!has_tags || expect_tags(ledger))
        statement = database_prepare(&ledger->database, has_tags ? of_tags : of_contents, "");
    struct rows rows = rows_of(ledger, statement);
    while (rows_next(&rows)) {
        struct ledger_object object = read_with_content(statement);
        const struct ledger_object counted = {
            .key = (const char *)sqlite3_column_text(statement, 7),
            .tag = (const char *)sqlite3_column_text(statement, 8),
            .size = (uint64_t)sqlite3_column_int64(statement, 9),
            .content = (const char *)sqlite3_column_text(statement, 10),
            .digest = (const char *)sqlite3_column_text(statement, 11),
        };
        rows.is_end = !visit(user, &object, &counted);
    }
    return rows_finish(&rows) || rows.is_end;
}

bool ledger_visit_batch_equals(struct ledger *ledger, bool has_tags, ledger_visit_object *visit,
                               void *user)
{
#define EQUALS(values, is_known)                                                                   \
    "SELECT key, tag, size, modified, time, content, digest FROM batch_object WHERE (" values      \
    ") IN"                                                                                         \
    " (SELECT " values " FROM batch_object WHERE " is_known " GROUP BY " values                    \
    " HAVING count(*) > 1)"
    sqlite3_stmt *statement = database_prepare(
        &ledger->database,
        has_tags ? EQUALS("tag, size", "tag <> ''") : EQUALS("content", "content <> ''"), "");
    return visit_with_content(ledger, statement, visit, user);
#undef EQUALS
}

bool ledger_set_twin(struct ledger *ledger, const char *key, const char *twin)
{
#define ROOT "coalesce((SELECT t.twin FROM batch_object AS t WHERE t.key = ?2), ?2)"
    return database_do(&ledger->database,
                       "UPDATE batch_object SET twin = " ROOT
                       " WHERE key = ?1 AND twin IS NULL AND key <> " ROOT,
                       "tt", key, twin);
#undef ROOT
}

bool ledger_pass_twins(struct ledger *ledger)
{
    return database_run(&ledger->database,
                        "UPDATE batch_object SET twin = (SELECT t.twin FROM batch_object AS t"
                        " WHERE t.key = batch_object.twin) WHERE twin IN"
                        " (SELECT key FROM batch_object WHERE twin IS NOT NULL)");
}

bool ledger_remove(struct ledger *ledger, const char *key)
{
    return database_do(&ledger->database, "DELETE FROM batch_object WHERE key = ?", "t", key);
}

bool ledger_add_copy(struct ledger *ledger, const struct ledger_object *object, bool clean_up)
{
    return pack_undo_key(ledger, object->key) &&
           database_do(&ledger->database,
                       "INSERT OR REPLACE INTO object (key, tag, size, content, digest, log)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, log_number(?1))",
                       "ttitt", object->key, object->tag, (int64_t)object->size,
                       object->content ? object->content : "",
                       object->digest ? object->digest : "") &&
           (!clean_up ||
            database_do(&ledger->database,
                        "INSERT OR REPLACE INTO clean_up (key, tag, size, modified)"
                        " VALUES (?, ?, ?, ?)",
                        "ttii", object->key, object->tag, (int64_t)object->size, object->modified));
}

int ledger_last_key(struct ledger *ledger, const char *stem, char **key)
{
    /* The keys that begin with the stem are those from the stem on, and below the stem with the bytes
     * f4 90 80 80, which are greater than each character of Unicode. */
#define LAST(table)                                                                                \
    "SELECT * FROM (SELECT key FROM " table " WHERE key >= ?1 AND key < ?1 || x'F4908080'"         \
    " ORDER BY key DESC LIMIT 1)"
    static const char sql[] =
        LAST("object") " UNION ALL " LAST("packed") " ORDER BY key DESC LIMIT 1";
#undef LAST
    sqlite3_stmt *statement = database_prepare(&ledger->database, sql, "t", stem);
    int found = statement ? database_step(&ledger->database, statement) : -1;
    if (found > 0)
        *key = memory_copy_text((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return found;
}

bool ledger_visit_counted(struct ledger *ledger, ledger_visit_object *visit, void *user)
{
    sqlite3_stmt *statement = database_prepare(
        &ledger->database,
        "SELECT * FROM (SELECT key, tag, size, 0, 0, content, digest FROM object UNION ALL"
        " SELECT key, tag, size, 0, 0, content, digest FROM packed)"
        " ORDER BY log_name(key), key, tag, size",
        "");
    return visit_with_content(ledger, statement, visit, user);
}

bool ledger_visit_quarantined(struct ledger *ledger, ledger_visit_left_out *visit, void *user)
{
    sqlite3_stmt *statement = database_prepare(
        &ledger->database,
        "SELECT key, tag, size, modified, time, since, error FROM quarantined ORDER BY key", "");
    return row_visit_left_out(ledger, statement, visit, user);
}

bool ledger_visit_cleaning(struct ledger *ledger, const char *error, const char *after,
                           unsigned limit, ledger_visit_object *visit, void *user)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database,
                         "SELECT key, tag, size, modified, modified FROM clean_up"
                         " WHERE key > ? AND error = ? ORDER BY key LIMIT ?",
                         "tti", after ? after : "", error, (int64_t)limit);
    struct rows rows = rows_of(ledger, statement);
    while (rows_next(&rows)) {
        struct ledger_object object = row_read_object(statement);
        rows.is_end = !visit(user, &object);
    }
    return rows_finish(&rows);
}

bool ledger_visit_reasons(struct ledger *ledger, ledger_visit_reason *visit, void *user)
{
    sqlite3_stmt *statement = database_prepare(
        &ledger->database,
        "SELECT error, count(*), min(key) FROM clean_up GROUP BY error ORDER BY count(*) DESC", "");
    struct rows rows = rows_of(ledger, statement);
    while (rows_next(&rows))
        rows.is_end = !visit(user, (const char *)sqlite3_column_text(statement, 0),
                             (uint64_t)sqlite3_column_int64(statement, 1),
                             (const char *)sqlite3_column_text(statement, 2));
    return rows_finish(&rows);
}

bool ledger_clean_up_failed(struct ledger *ledger, const char *key, const char *error)
{
    return database_do(&ledger->database, "UPDATE clean_up SET error = ? WHERE key = ?", "tt",
                       error, key);
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
