#include "ledger/block_search.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "text/big_endian.h"

enum { VALUE_SIZE = 8, WORD = 64 /* bits of a number in a sieve */ };

uint64_t block_search_tag(const uint8_t tag[BLOCK_TAG_SIZE])
{
    return big_endian_get(tag, VALUE_SIZE);
}

uint64_t block_search_digest(const struct digest *digest)
{
    return digest->high;
}

void block_search_forget(struct block_search *search)
{
    free(search->values);
    free(search->matches);
    *search = (struct block_search){0};
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_values(const void *a, const void *b)
{
    return compare(*(const uint64_t *)a, *(const uint64_t *)b);
}

static int compare_matches(const void *a, const void *b)
{
    const struct block_search_match *x = a, *y = b;
    int order = compare(x->value, y->value);
    return order ? order : (x->block > y->block) - (x->block < y->block);
}

static bool has_value(const struct block_search *search, uint64_t value)
{
    return search->count &&
           bsearch(&value, search->values, search->count, sizeof value, compare_values);
}

/* One bit for each value, at the place that the value's lowest bits name.  A zero bit rules a number out, so the
 * binary search runs for few numbers. */
struct sieve {
    uint64_t *bits;
    uint64_t mask;
};

static struct sieve make_sieve(const struct block_search *search)
{
    enum { BITS_A_VALUE = 32, LEAST = 1 << 16, MOST = 1 << 24 };
    size_t size = LEAST;
    while (size < MOST && size < search->count * BITS_A_VALUE)
        size *= 2;
    struct sieve sieve = {memory_allocate(size / WORD, sizeof *sieve.bits), size - 1};
    for (size_t i = 0; i < search->count; i++) {
        uint64_t bit = search->values[i] & sieve.mask;
        sieve.bits[bit / WORD] |= UINT64_C(1) << bit % WORD;
    }
    return sieve;
}

static void add_match(struct block_search *search, uint64_t value, int64_t block)
{
    const size_t count = search->match_count;
    if (count && search->matches[count - 1].value == value &&
        search->matches[count - 1].block == block)
        return; /* a text that many logs have */
    search->matches = array_grow(search->matches, search->match_count, &search->match_capacity,
                                 sizeof *search->matches);
    search->matches[search->match_count++] = (struct block_search_match){value, block};
}

/* Sorts the matches, and removes repeated ones. */
static void sort_matches(struct block_search *search)
{
    struct block_search_match *matches = search->matches;
    size_t kept = 0;
    if (search->match_count)
        qsort(matches, search->match_count, sizeof *matches, compare_matches);
    for (size_t i = 0; i < search->match_count; i++)
        if (!kept || compare_matches(&matches[kept - 1], &matches[i]) != 0)
            matches[kept++] = matches[i];
    search->match_count = kept;
}

/* Looks for the values in COUNT items of SIZE bytes; the number is in an item's first bytes. */
static void look_at(struct block_search *search, const struct sieve *sieve, const uint8_t *numbers,
                    size_t count, size_t size, int64_t block)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = big_endian_get(numbers + i * size, VALUE_SIZE), bit = value & sieve->mask;
        if (sieve->bits[bit / WORD] >> bit % WORD & 1 && has_value(search, value))
            add_match(search, value, block);
    }
}

/* Looks for the values in the block of the statement's row; returns false when the block is corrupt. */
static bool look_at_block(struct block_search *search, const struct sieve *sieve,
                          enum block_search_part part, sqlite3_stmt *statement)
{
    struct block_data data;
    int64_t block = sqlite3_column_int64(statement, 0);
    const void *bytes = sqlite3_column_blob(statement, 1);
    if (!bytes || !block_open(&data, bytes, (size_t)sqlite3_column_bytes(statement, 1)))
        return false;
    if (part == BLOCK_SEARCH_TAGS) {
        look_at(search, sieve, data.tags, data.count, BLOCK_TAG_SIZE, block);
        return true;
    }
    look_at(search, sieve, data.digests, data.digest_count, data.digest_size, block);
    if (data.digest_count < data.count && has_value(search, 0)) /* an unknown digest */
        add_match(search, 0, block);
    return true;
}

/* Looks for the values in all blocks.  Returns a result code of SQLite. */
static int pass(struct block_search *search, sqlite3 *handle, enum block_search_part part)
{
    sqlite3_stmt *statement = NULL;
    struct sieve sieve = make_sieve(search);
    int result = sqlite3_prepare_v2(handle, "SELECT id, objects FROM block", -1, &statement, NULL);
    search->match_count = 0;
    while (statement && (result = sqlite3_step(statement)) == SQLITE_ROW)
        if (!look_at_block(search, &sieve, part, statement)) {
            bool no_memory = sqlite3_errcode(handle) == SQLITE_NOMEM;
            result = no_memory ? SQLITE_NOMEM : SQLITE_CORRUPT_VTAB;
            break;
        }
    sqlite3_finalize(statement);
    free(sieve.bits);
    sort_matches(search);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

void block_search_expect(struct block_search *search, uint64_t *values, size_t count)
{
    block_search_forget(search);
    if (count)
        qsort(values, count, sizeof *values, compare_values);
    search->values = values;
    search->count = count;
}

int block_search_find(struct block_search *search, sqlite3 *handle, enum block_search_part part,
                      uint64_t value, int64_t **ids, size_t *count)
{
    unsigned version = 0;
    size_t capacity = 0;
    int result = sqlite3_file_control(handle, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    if (!has_value(search, value)) {
        uint64_t *values = memory_allocate(1, sizeof *values);
        *values = value;
        block_search_expect(search, values, 1);
    }
    if (result == SQLITE_OK && (!search->is_done || search->version != version)) {
        result = pass(search, handle, part);
        search->is_done = result == SQLITE_OK;
        search->version = version;
    }
    if (result != SQLITE_OK)
        return result;
    size_t low = 0, high = search->match_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (search->matches[middle].value < value)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < search->match_count && search->matches[low].value == value; low++) {
        *ids = array_grow(*ids, *count, &capacity, sizeof **ids);
        (*ids)[(*count)++] = search->matches[low].block;
    }
    return SQLITE_OK;
}
