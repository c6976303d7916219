/* The packed objects: a table of SQL that reads the blocks (block.h).
 *
 *     packed (key, tag, size, content, digest, namesake HIDDEN, block HIDDEN, same_tag HIDDEN, same_digest HIDDEN)
 *
 * The first five columns are those of the table object; content is "".  "namesake = KEY" selects the objects
 * that hold the log that KEY names (log_name.h), "block = ID" those of one block.  An equal key, a range of keys and
 * the order of keys read only the blocks that they need.
 *
 * "same_tag = TAG" selects the objects with this ETag, "same_digest = DIGEST" those with this digest ("": not known).
 * Both look for it in all blocks (block_search.h), unless the latest pass looked for it, too. */
#ifndef LEDGER_PACKED_H
#define LEDGER_PACKED_H

#include <sqlite3.h>
#include <stdint.h>

#include "ledger/block.h"
#include "ledger/block_search.h"

/* The script of the table of blocks.  A block has the objects from the key first_key on, and no other block has
 * objects between two of them.  No block gets the ID of another one, and none changes, so other processes may keep what
 * they have read.  The latest hour in its names (log_id.h) is last_hour; the earliest is less than 2^span hours
 * before.
 *
 * A program that does not know blocks would take packed objects for new ones.  It cannot begin a batch,
 * because it does not have the function newer_awstats_cloudfront. */
#define PACKED_TABLES                                                                              \
    "CREATE TABLE IF NOT EXISTS block (id INTEGER PRIMARY KEY AUTOINCREMENT, first_key TEXT NOT "  \
    "NULL,"                                                                                        \
    " span INTEGER NOT NULL, last_hour INTEGER NOT NULL, objects BLOB NOT NULL);"                  \
    "CREATE INDEX IF NOT EXISTS block_key ON block (first_key);"                                   \
    "CREATE INDEX IF NOT EXISTS block_hour ON block (span, last_hour);"                            \
    "CREATE TRIGGER IF NOT EXISTS batch_begins BEFORE INSERT ON batch"                             \
    " BEGIN SELECT newer_awstats_cloudfront(); END;"

/* Where a block is looked for: the last one that begins at a key or before, or before it; the first one that
 * begins after it. */
enum packed_place { PACKED_AT_OR_BEFORE, PACKED_BEFORE, PACKED_AFTER, PACKED_PLACES };

enum { PACKED_CACHE = 16, PACKED_SPANS = 32 };

/* The blocks of a connection.  Zeroed at birth. */
struct packed {
    sqlite3 *handle;
    sqlite3_stmt *data, *at[PACKED_PLACES], *of_hour, *last_hour; /* prepared once */
    struct block *cache[PACKED_CACHE];                            /* read last */
    unsigned next;                                                /* its place for the next block */
    const struct block *latest;                                   /* in the cache; NULL: none */
    struct block_search searches[BLOCK_SEARCH_PARTS];
    bool has_last_hours;
    unsigned version; /* of the file, SQLITE_FCNTL_DATA_VERSION, when it had these: */
    int64_t last_hours[PACKED_SPANS]; /* of the blocks of each span; -1: there are none */
    bool has_found;                   /* the blocks that can have objects of the hour found: */
    uint32_t found;
    int64_t *found_ids;
    size_t found_count, found_capacity;
};

/* Defines the function of the trigger.  Returns an error of SQLite, or SQLITE_OK. */
int packed_define_function(sqlite3 *handle);

/* Defines the table in this connection; PACKED must last until the connection is closed.  Returns an error of
 * SQLite, or SQLITE_OK. */
int packed_define(struct packed *packed, sqlite3 *handle);

/* Frees what PACKED has, before the connection is closed. */
void packed_end(struct packed *packed);

/* Forgets the blocks that were read: the table block is changed. */
void packed_forget(struct packed *packed);

/* These read a block, which the caller releases.  They return SQLITE_OK; SQLITE_DONE when there is no such
 * block, and *BLOCK is NULL; or an error of SQLite. */
int packed_read(struct packed *packed, int64_t id, struct block **block);
int packed_read_at(struct packed *packed, enum packed_place place, const char *key,
                   struct block **block);

/* Whether the block that was read last has this object: then the ledger knows it, without content.  The next
 * objects of a listing are mostly there. */
bool packed_has_lately(const struct packed *packed, const struct ledger_object *object);

/* Whether a packed object can have this key, or hold the log that the key names.  For most new objects none can,
 * because their hour is later than those of all blocks: then the caller's statement does without the table packed,
 * which takes time even when no block is read. */
bool packed_can_have(struct packed *packed, const char *key);

/* Stores in *IDS, which the caller frees, the blocks that can have an object of this hour.  Late logs of one hour
 * mostly follow each other, and each is looked up several times: the blocks of the latest hour are kept. */
int packed_find_hour(struct packed *packed, uint32_t hour, int64_t **ids, size_t *count);

/* Returns the span of a block whose names have these first and last hours. */
unsigned packed_span(uint32_t first_hour, uint32_t last_hour);

#endif
