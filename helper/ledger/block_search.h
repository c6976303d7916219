/* Finds the blocks that have an object by what it holds: by its ETag, or by the digest of its text.
 *
 * Blocks have no index of these: 28 bytes of an object's 36 are its ETag and its digest, so an index of random numbers
 * would cost every site a tenth of its ledger or more, for objects that few sites have.  But a block has ETags and
 * digests as they are (block.h), so one pass over all blocks, which decodes none, looks for those of a whole batch.  It
 * takes some 40 ms for 1,000,000 packed objects whose file is in memory. */
#ifndef LEDGER_BLOCK_SEARCH_H
#define LEDGER_BLOCK_SEARCH_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/block.h"

enum block_search_part { BLOCK_SEARCH_TAGS, BLOCK_SEARCH_DIGESTS, BLOCK_SEARCH_PARTS };

/* The first 8 bytes of an ETag or a digest, which stand for it; 0 for a digest that is not known. */
uint64_t block_search_tag(const uint8_t tag[BLOCK_TAG_SIZE]);
uint64_t block_search_digest(const struct digest *digest);

struct block_search_match {
    uint64_t value;
    int64_t block; /* that can have it */
};

/* The values to look for, and where the latest pass has found them.  Zeroed at birth. */
struct block_search {
    uint64_t *values; /* in ascending order */
    size_t count;
    bool is_done;                       /* the pass, */
    unsigned version;                   /* over this state of the file, SQLITE_FCNTL_DATA_VERSION */
    struct block_search_match *matches; /* in ascending order */
    size_t match_count, match_capacity;
};

/* Sets the values to look for, which the search takes over: the next block_search_find() looks for all of them. */
void block_search_expect(struct block_search *search, uint64_t *values, size_t count);

/* Stores in *IDS, which the caller frees, the blocks that can have the value.  Makes a pass, unless the latest one
 * looked for it: for the expected values, if it is one of them, else for this value alone.  Returns SQLITE_OK;
 * SQLITE_CORRUPT_VTAB for a corrupt block; or an error of SQLite. */
int block_search_find(struct block_search *search, sqlite3 *handle, enum block_search_part part,
                      uint64_t value, int64_t **ids, size_t *count);

/* Frees what the search has: the blocks are changed. */
void block_search_forget(struct block_search *search);

#endif
