#include "ledger/pack.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/corrupt.h"
#include "ledger/log_id.h"
#include "ledger/vacuum.h"
#include "memory/allocate.h"

enum {
    RECENT_S = 12 * 3600, /* before the newest object: few logs come later than that */
    ROWS_A_COMMIT = 3072, /* rows to look at after each commit, */
    ROWS_AN_OBJECT = 8,   /* and more for each object of its batch */
    ROWS_AT_ONCE = 3072,
    ROWS_A_TRANSACTION = 64 * 1024,
    TRIES = 8 /* blocks that fill_block() writes to find how many objects fit */
};

/* The size of a block's row that fills its pages: 489 bytes beside other rows, and pages of its own.
 * https://www.sqlite.org/fileformat2.html#cell_payload_overflow_pages, for pages of 4096 bytes.  Larger blocks
 * take less space for an object, half a byte with three times as many pages; but more rows wait until they fill
 * one, of 250 bytes each, and one object takes longer to read, or to put between others.  `make check` builds the
 * program to be tested with small ones, so that tests need few objects. */
#ifndef PACK_PAGES
#define PACK_PAGES 4
#endif

enum {
    ROW_SIZE = 489 + PACK_PAGES * 4092,
    COLUMNS_SIZE = 16, /* all but the key and the objects */
    SLACK = 64         /* bytes that may stay empty in a full block: about one object */
};

struct row {
    char *key;
    struct block_object object;
    bool can_be_packed;
};

/* The work of one commit. */
struct packing {
    struct ledger *ledger;
    uint32_t recent; /* hours from this one on stay rows */
    struct row *rows;
    size_t count;
    char *after;                /* the key before the next rows; "": the next row is the first */
    struct block_object *run;   /* objects that can be neighbours in a block */
    size_t *run_rows;           /* their places in rows */
    size_t run_count, run_done; /* the run's objects, and how many of these are packed */
    char *next_block;           /* the first key of the first block after the run; NULL: none */
    struct buffer data;
    bool has_changed;
};

/* ---- undoing ---- */

static bool undo_block(struct ledger *ledger, int64_t id)
{
    bool done = database_do(&ledger->database,
                            "INSERT OR IGNORE INTO object (key, tag, size, content, digest, log)"
                            " SELECT key, tag, size, content, digest, log_number(key) FROM packed"
                            " WHERE block = ?",
                            "i", id) &&
                database_do(&ledger->database, "DELETE FROM block WHERE id = ?", "i", id);
    packed_forget(&ledger->packed);
    return done;
}

bool pack_undo_key(struct ledger *ledger, const char *key)
{
    sqlite3_stmt *statement = database_prepare(
        &ledger->database, "SELECT block FROM packed WHERE key = ? LIMIT 1", "t", key);
    int found = statement ? database_step(&ledger->database, statement) : -1;
    int64_t id = found > 0 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return found > 0 ? undo_block(ledger, id) : found == 0;
}

static bool undo_all(struct ledger *ledger)
{
    bool done = database_run(&ledger->database,
                             "INSERT OR IGNORE INTO object (key, tag, size, content, digest, log)"
                             " SELECT key, tag, size, content, digest, log_number(key) FROM packed;"
                             "DELETE FROM block");
    packed_forget(&ledger->packed);
    return done;
}

/* ---- blocks ---- */

static bool is_same_object(const struct block_object *a, const struct block_object *b)
{
    return !strcmp(a->key, b->key) && a->size == b->size && a->hour == b->hour &&
           !memcmp(a->tag, b->tag, sizeof a->tag) && a->digest.length == b->digest.length &&
           a->digest.high == b->digest.high && a->digest.low == b->digest.low;
}

/* Whether the data gives exactly these objects back.  No row is deleted before this check. */
static bool gives_back(const struct buffer *data, const struct block_object *objects, size_t count)
{
    struct block *block = block_read(0, data->data, data->size);
    bool is_exact = block && block->count == count;
    for (size_t i = 0; is_exact && i < count; i++)
        is_exact = is_same_object(&block->objects[i], &objects[i]);
    block_release(block);
    return is_exact;
}

/* Inserts the block of these objects, whose data block_write() has made. */
static bool insert_block(struct ledger *ledger, const struct buffer *data,
                         const struct block_object *objects, size_t count)
{
    uint32_t first = UINT32_MAX, last = 0;
    for (size_t i = 0; i < count; i++) {
        first = objects[i].hour < first ? objects[i].hour : first;
        last = objects[i].hour > last ? objects[i].hour : last;
    }
    return database_do(&ledger->database,
                       "INSERT INTO block (first_key, span, last_hour, objects)"
                       " VALUES (?, ?, ?, ?)",
                       "tiib", objects[0].key, (int64_t)packed_span(first, last), (int64_t)last,
                       data->data, data->size);
}

/* ---- other keys ---- */

/* Copies the objects of a block to OBJECTS.  Their keys, which KEYS holds, begin with TO in the place of FROM.  Returns
 * false if an object cannot be packed. */
static bool move_objects(const struct block *block, const char *from, const char *to,
                         struct buffer *keys, struct block_object *objects)
{
    buffer_clear(keys);
    for (size_t i = 0; i < block->count; i++) {
        const char *rest = block->objects[i].key + strlen(from);
        buffer_add_text(keys, to);
        buffer_add(keys, rest, strlen(rest) + 1);
    }
    const char *key = keys->data;
    for (size_t i = 0; i < block->count; i++, key += strlen(key) + 1) {
        char tag[BLOCK_TAG_TEXT_SIZE], digest[DIGEST_WRITTEN_SIZE];
        block_write_tag(&block->objects[i], tag);
        digest_write(&block->objects[i].digest, digest);
        const struct ledger_object moved = {
            .key = key, .tag = tag, .size = block->objects[i].size, .digest = digest};
        if (!block_take(&objects[i], &moved))
            return false;
    }
    return true;
}

/* Puts a block with the objects of move_objects() in the place of a block.  If this is not possible, makes rows of the
 * block. */
static bool move_block(struct ledger *ledger, const struct block *block, const char *from,
                       const char *to)
{
    struct block_object *objects = memory_allocate(block->count, sizeof *objects);
    struct buffer keys = {0}, data = {0};
    bool is_moved = move_objects(block, from, to, &keys, objects), done;
    if (is_moved) {
        block_write(&data, objects, block->count);
        is_moved = gives_back(&data, objects, block->count);
    }
    if (is_moved)
        done = insert_block(ledger, &data, objects, block->count) &&
               database_do(&ledger->database, "DELETE FROM block WHERE id = ?", "i", block->id);
    else
        done = undo_block(ledger, block->id);
    buffer_free(&keys);
    buffer_free(&data);
    free(objects);
    return done;
}

/* Moves a block if the keys of all its objects begin with FROM.  Makes rows of a block if some of the keys do.  Makes
 * rows also of a block with keys before and after TO, since the moved blocks come between these keys. */
static bool move_or_undo(struct ledger *ledger, int64_t id, const char *from, const char *to)
{
    struct block *block;
    int result = packed_read(&ledger->packed, id, &block);
    if (result != SQLITE_OK) {
        database_fail(&ledger->database, result == SQLITE_CORRUPT_VTAB ? LEDGER_IS_CORRUPT : "%s",
                      sqlite3_errstr(result));
        return false;
    }
    size_t with = 0;
    for (size_t i = 0; i < block->count; i++)
        with += !strncmp(block->objects[i].key, from, strlen(from));
    bool is_around = strcmp(block->objects[0].key, to) < 0 &&
                     strcmp(block->objects[block->count - 1].key, to) > 0;
    bool done = true;
    if (with == block->count)
        done = move_block(ledger, block, from, to);
    else if (with || is_around)
        done = undo_block(ledger, id);
    block_release(block);
    return done;
}

bool pack_move_keys(struct ledger *ledger, const char *from, const char *to)
{
    /* Blocks with TO could have objects between those of the moved blocks. */
    int has_some = ledger_has_counted_below(ledger, to);
    if (has_some)
        return has_some > 0 && undo_all(ledger);
    int64_t *ids = NULL;
    size_t count = 0, capacity = 0;
    struct rows rows =
        rows_of(ledger, database_prepare(&ledger->database, "SELECT id FROM block", ""));
    while (rows_next(&rows)) {
        ids = array_grow(ids, count, &capacity, sizeof *ids);
        ids[count++] = sqlite3_column_int64(rows.statement, 0);
    }
    bool done = rows_finish(&rows);
    for (size_t i = 0; done && i < count; i++)
        done = move_or_undo(ledger, ids[i], from, to);
    packed_forget(&ledger->packed);
    free(ids);
    return done;
}

/* ---- packing ---- */

/* Returns how many of the objects fill a block, and leaves the block's data in packing->data.  0: the objects are too
 * few, or the data would not give them back. */
static size_t fill_block(struct packing *packing, const struct block_object *objects, size_t count)
{
    const size_t limit = ROW_SIZE - COLUMNS_SIZE - strlen(objects[0].key);
    const size_t most = count < BLOCK_OBJECTS_MAX ? count : BLOCK_OBJECTS_MAX;
    size_t best = 0, best_size = 0, n = limit / (BLOCK_TAG_SIZE + BLOCK_DIGEST_SIZE + 8);
    for (int i = 0; i < TRIES; i++) {
        n = n < most ? n : most;
        block_write(&packing->data, objects, n);
        size_t size = packing->data.size, each = size / n + 1;
        bool fits = size <= limit;
        if (fits && n > best) {
            best = n;
            best_size = size;
        }
        size_t more = fits ? (limit - size) / each : 0,
               fewer = fits ? 0 : (size - limit) / each + 1;
        if ((fits && (!more || n == most)) || n <= fewer)
            break;
        n += more - fewer;
    }
    if (limit - best_size > SLACK && best == most && most == count)
        return 0;
    /* Objects of one key are in one block. */
    while (best && best < count && !strcmp(objects[best - 1].key, objects[best].key))
        best--;
    if (best)
        block_write(&packing->data, objects, best);
    return best && gives_back(&packing->data, objects, best) ? best : 0;
}

static bool write_block(struct packing *packing, const struct block_object *objects, size_t count)
{
    struct database *database = &packing->ledger->database;
    bool done = insert_block(packing->ledger, &packing->data, objects, count);
    sqlite3_stmt *statement =
        database_prepare(database, "DELETE FROM object WHERE key = ? AND tag = ? AND size = ?", "");
    done = done && statement;
    for (size_t i = 0; done && i < count; i++) {
        char tag[BLOCK_TAG_TEXT_SIZE];
        block_write_tag(&objects[i], tag);
        done = database_bind(database, statement, "tti", objects[i].key, tag,
                             (int64_t)objects[i].size) &&
               database_step(database, statement) == 0;
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    packed_forget(&packing->ledger->packed);
    packing->has_changed = true;
    return done;
}

/* Packs the objects of the run, as far as they fill blocks. */
static bool pack_run(struct packing *packing)
{
    bool done = true;
    packing->run_done = 0;
    while (done && packing->run_done < packing->run_count) {
        const struct block_object *objects = packing->run + packing->run_done;
        size_t count = fill_block(packing, objects, packing->run_count - packing->run_done);
        if (!count)
            break;
        done = write_block(packing, objects, count);
        packing->run_done += count;
    }
    return done;
}

static void set_after(struct packing *packing, const char *key)
{
    char *copy = memory_copy_text(key);
    free(packing->after);
    packing->after = copy;
}

/* Begins a run at a row.  Sets *IS_INSIDE if a block has objects before and after the row: the block's objects become
 * rows again. */
static bool begin_run(struct packing *packing, const char *key, bool *is_inside)
{
    struct ledger *ledger = packing->ledger;
    sqlite3_stmt *statement =
        database_prepare(&ledger->database,
                         "SELECT id, first_key, first_key <= ?1 FROM block WHERE id ="
                         " (SELECT block FROM packed WHERE key >= ?1 ORDER BY key LIMIT 1)",
                         "t", key);
    int found = statement ? database_step(&ledger->database, statement) : -1;
    int64_t id = found > 0 ? sqlite3_column_int64(statement, 0) : 0;
    *is_inside = found > 0 && sqlite3_column_int(statement, 2);
    free(packing->next_block);
    packing->next_block =
        memory_copy_optional(found > 0 ? (const char *)sqlite3_column_text(statement, 1) : NULL);
    sqlite3_finalize(statement);
    packing->run_count = packing->run_done = 0;
    packing->has_changed |= *is_inside;
    return *is_inside ? undo_block(ledger, id) : found >= 0;
}

/* Packs the rows that were read.  Stops before a run whose first row lies inside a block, because the block's
 * objects are rows now that were not read.  Stores the number of rows that need not be read again. */
static bool pack_rows(struct packing *packing, size_t *dealt)
{
    bool has_run = false;
    *dealt = packing->count;
    packing->run_count = packing->run_done = 0;
    for (size_t i = 0; i < packing->count; i++) {
        const struct row *row = &packing->rows[i];
        if (!row->can_be_packed)
            continue;
        if (!has_run || (packing->next_block && strcmp(packing->next_block, row->key) <= 0)) {
            bool is_inside;
            size_t before = packing->run_count ? packing->run_rows[packing->run_count - 1] + 1 : 0;
            if (!pack_run(packing) || !begin_run(packing, row->key, &is_inside))
                return false;
            if (is_inside) {
                *dealt = before;
                return true;
            }
            has_run = true;
        }
        packing->run[packing->run_count] = row->object;
        packing->run_rows[packing->run_count++] = i;
    }
    return pack_run(packing);
}

/* Reads the next rows, at most LIMIT. */
static bool read_rows(struct packing *packing, size_t limit)
{
    sqlite3_stmt *statement = database_prepare(
        &packing->ledger->database,
        "SELECT key, tag, size, content, digest FROM object WHERE key > ? ORDER BY key LIMIT ?",
        "ti", packing->after, (int64_t)limit);
    struct rows rows = rows_of(packing->ledger, statement);
    packing->count = 0;
    while (rows_next(&rows)) {
        struct ledger_object object = row_read_object(statement);
        object.content = (const char *)sqlite3_column_text(statement, 3);
        object.digest = (const char *)sqlite3_column_text(statement, 4);
        struct row *row = &packing->rows[packing->count++];
        row->key = memory_copy_text(object.key);
        object.key = row->key;
        row->can_be_packed =
            block_take(&row->object, &object) && row->object.hour < packing->recent;
    }
    return rows_finish(&rows);
}

static void free_rows(struct packing *packing)
{
    for (size_t i = 0; i < packing->count; i++)
        free(packing->rows[i].key);
    packing->count = 0;
}

/* Packs some of the next LIMIT rows.  Sets *IS_END if there are no more. */
static bool pack_some(struct packing *packing, size_t limit, bool *is_end)
{
    size_t dealt = 0;
    bool done = read_rows(packing, limit) && pack_rows(packing, &dealt);
    *is_end = done && packing->count < limit && dealt == packing->count;
    /* A run that is cut off by the limit goes on with the next rows. */
    if (done && !*is_end && dealt == packing->count && packing->run_done < packing->run_count &&
        packing->run_rows[packing->run_done])
        dealt = packing->run_rows[packing->run_done];
    if (done && dealt)
        set_after(packing, packing->rows[dealt - 1].key);
    if (*is_end)
        set_after(packing, "");
    free_rows(packing);
    return done;
}

/* Packs up to LIMIT rows in one transaction. */
static bool pack_in_transaction(struct packing *packing, uint64_t limit, bool *is_end)
{
    struct ledger *ledger = packing->ledger;
    char *before = NULL;
    if (!database_run(&ledger->database, "BEGIN IMMEDIATE"))
        return false;
    bool done = state_get_text(ledger, STATE_PACKED_UP_TO, &before);
    set_after(packing, before ? before : "");
    packing->has_changed = *is_end = false;
    for (uint64_t rows = 0; done && !*is_end && rows < limit; rows += ROWS_AT_ONCE)
        done = pack_some(packing, ROWS_AT_ONCE, is_end);
    bool is_other = strcmp(packing->after, before ? before : "") != 0;
    done = done && (!is_other ||
                    (*packing->after ? state_set_text(ledger, STATE_PACKED_UP_TO, packing->after)
                                     : state_remove(ledger, STATE_PACKED_UP_TO)));
    free(before);
    if (packing->has_changed)
        done = done && vacuum_some(&ledger->database);
    if (!done || packing->has_changed || is_other)
        return database_end(&ledger->database, done);
    database_roll_back(&ledger->database);
    return true;
}

/* Returns 1 if there can be rows to pack, 0 if there are none, -1 after an error. */
static int has_work(struct ledger *ledger, uint64_t committed)
{
    char *after;
    if (committed)
        return 1;
    if (!state_get_text(ledger, STATE_PACKED_UP_TO, &after))
        return -1;
    bool has = after != NULL;
    free(after);
    return has;
}

void pack_go_on(struct ledger *ledger, uint64_t committed)
{
    int64_t newest = 0;
    uint64_t limit = ROWS_A_COMMIT + committed * ROWS_AN_OBJECT;
    bool done = has_work(ledger, committed) > 0 && state_get_number(ledger, STATE_NEWEST, &newest),
         is_end = false;
    struct packing packing = {
        .ledger = ledger, .recent = newest > RECENT_S ? log_hour_of_time(newest - RECENT_S) : 0};
    if (done) {
        packing.rows = memory_allocate(ROWS_AT_ONCE, sizeof *packing.rows);
        packing.run = memory_allocate(ROWS_AT_ONCE, sizeof *packing.run);
        packing.run_rows = memory_allocate(ROWS_AT_ONCE, sizeof *packing.run_rows);
    }
    while (done && !is_end && limit) {
        uint64_t now = limit < ROWS_A_TRANSACTION ? limit : ROWS_A_TRANSACTION;
        done = pack_in_transaction(&packing, now, &is_end);
        limit -= now;
    }
    packed_forget(&ledger->packed); /* new blocks get the IDs of blocks that were rolled back */
    if (!done)
        buffer_clear(ledger->database.error);
    free(packing.rows);
    free(packing.run);
    free(packing.run_rows);
    free(packing.after);
    free(packing.next_block);
    buffer_free(&packing.data);
}
