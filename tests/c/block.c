/* Blocks of packed objects: each gives back exactly its objects.  block_take() rejects objects that a block
 * cannot give back. */
#include <stdlib.h>
#include <string.h>

#include "ledger/block.h"
#include "tap.h"

#define TAG     "00112233445566778899aabbccddeeff"
#define TEXT    "123456 ffeeddccbbaa998877665544"
#define LOG_KEY "cdn/E1.2026-10-01-05.89abcdef.gz"

enum { OBJECTS = 700 };

static unsigned long long seed = 1181783497276652981ULL;

static struct ledger_object object_of(const char *key, const char *tag, uint64_t size,
                                      const char *digest)
{
    return (struct ledger_object){.key = key, .tag = tag, .size = size, .digest = digest};
}

static void test_taken(void)
{
    const struct {
        const char *name;
        struct ledger_object object;
        bool is_taken;
    } cases[] = {
        {"a log of CloudFront's", object_of(LOG_KEY, TAG, 300, TEXT), true},
        {"of an unknown text", object_of(LOG_KEY, TAG, 300, ""), true},
        {"without a suffix", object_of("E1.2026-10-01-05.89abcdef", TAG, 0, TEXT), true},
        {"without a distribution", object_of("x/2026-10-01-05.89abcdef.gz", TAG, 1, TEXT), true},
        {"of two points", object_of("E1.x.2026-10-01-05.89abcdef.gz", TAG, 1, TEXT), true},
        {"with capital digits", object_of("E1.2026-10-01-05.89ABCDEF.gz", TAG, 1, TEXT), false},
        {"of seven digits", object_of("E1.2026-10-01-05.89abcde.gz", TAG, 1, TEXT), false},
        {"of nine digits", object_of("E1.2026-10-01-05.89abcdef0.gz", TAG, 1, TEXT), false},
        {"of no month", object_of("E1.2026-13-01-05.89abcdef.gz", TAG, 1, TEXT), false},
        {"of no hour", object_of("E1.2026-10-01-24.89abcdef.gz", TAG, 1, TEXT), false},
        {"of a long suffix", object_of("E1.2026-10-01-05.89abcdef.0123456789abcdef", TAG, 1, TEXT),
         false},
        {"with a control character", object_of("a\x01/E1.2026-10-01-05.89abcdef.gz", TAG, 1, TEXT),
         false},
        {"with the hour in a folder alone", object_of("E1.2026-10-01-05.89abcdef/x", TAG, 1, TEXT),
         false},
        {"uploaded in parts", object_of(LOG_KEY, TAG "-2", 1, TEXT), false},
        {"with an ETag of capitals",
         object_of(LOG_KEY, "A0112233445566778899aabbccddeeff", 1, TEXT), false},
        {"a file", object_of(LOG_KEY, "1790000000.000000001", 1, TEXT), false},
        {"of no ETag", object_of(LOG_KEY, "", 1, TEXT), false},
        {"too large", object_of(LOG_KEY, TAG, UINT64_C(1) << 40, TEXT), false},
        {"with a length of another form", object_of(LOG_KEY, TAG, 1, "0" TEXT), false},
        {"with half a digest", object_of(LOG_KEY, TAG, 1, "123456 ffeeddccbbaa9988"), false},
        {"with a longer digest", object_of(LOG_KEY, TAG, 1, TEXT "0"), false},
        {"with a length of 2^64",
         object_of(LOG_KEY, TAG, 1, "18446744073709551616 ffeeddccbbaa998877665544"), false},
    };
    struct block_object packed;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ok(block_take(&packed, &cases[i].object) == cases[i].is_taken, "%s: %s", cases[i].name,
           cases[i].is_taken ? "packed" : "stays a row");
    struct ledger_object with_content = object_of(LOG_KEY, TAG, 1, TEXT);
    with_content.content = "0badcafe 1";
    ok(!block_take(&packed, &with_content), "with a content: stays a row");
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Makes keys of several layouts, in their order. */
static void make_keys(char keys[OBJECTS][80])
{
    for (int i = 0; i < OBJECTS; i++) {
        unsigned day = 1 + (unsigned)(next_random(&seed) >> 20) % 28;
        unsigned id = (unsigned)(next_random(&seed) >> 20);
        switch (i % 4) {
        case 0:
            snprintf(keys[i], 80, "cdn/E1.2026-10-%02u-05.%08x.gz", day, id);
            break;
        case 1:
            snprintf(keys[i], 80, "x/2026/10/%02u/05/E2.2026-10-%02u-05.%08x.gz", day, day, id);
            break;
        case 2:
            snprintf(keys[i], 80, "%x/1999-01-01-00.%08x%s", id % 50, i % 3 ? id : 0,
                     id % 2 ? "" : ".parquet");
            break;
        default:
            snprintf(keys[i], 80, "\xc3\xa9/E1.9999-12-31-23.%08x.zst", id % 5);
        }
    }
    qsort(keys, OBJECTS, sizeof *keys, compare_keys);
}

static bool is_equal(const struct block_object *a, const struct block_object *b)
{
    return !strcmp(a->key, b->key) && a->size == b->size && a->hour == b->hour && a->id == b->id &&
           !digest_compare(&a->digest, &b->digest) && !memcmp(a->tag, b->tag, sizeof a->tag);
}

static void test_round(void)
{
    static char keys[OBJECTS][80];
    static struct block_object objects[OBJECTS];
    struct buffer data = {0};
    make_keys(keys);
    bool taken = true;
    for (int i = 0; i < OBJECTS; i++) {
        char tag[40], digest[80];
        uint64_t size = next_random(&seed) >> (24 + next_random(&seed) % 40);
        snprintf(tag, sizeof tag, "%016llx%016llx", next_random(&seed), next_random(&seed));
        snprintf(digest, sizeof digest, "%llu %.24s", next_random(&seed) >> (25 + i % 39), tag);
        const struct ledger_object object = object_of(keys[i], tag, size, i % 9 ? digest : "");
        taken = taken && block_take(&objects[i], &object);
    }
    ok(taken, "objects of several layouts are taken");
    for (size_t count = 1; count <= OBJECTS; count += count < 4 ? 1 : 174) {
        block_write(&data, objects, count);
        struct block *block = block_read(7, data.data, data.size);
        size_t equal = 0, found = 0;
        for (size_t i = 0; block && i < block->count; i++) {
            equal += is_equal(&objects[i], &block->objects[i]);
            found += !strcmp(block->objects[block_find(block, keys[i])].key, keys[i]);
        }
        ok(block && block->count == count && equal == count && found == count,
           "a block of %zu gives them back", count);
        ok(block && block_find(block, "\xff") == count && block_find(block, "") == 0,
           "a block of %zu has no other key", count);
        block_release(block);
    }
    unsigned read = 0;
    for (size_t i = 0; i < data.size; i++) {
        struct block *block;
        data.data[i] ^= 1;
        block = block_read(7, data.data, data.size);
        read += block != NULL;
        block_release(block);
        data.data[i] ^= 1;
    }
    ok(read == 0, "a bit that changed anywhere is noticed: %u are not", read);
    for (size_t size = 0; size < data.size; size += size < 20 ? 1 : 97) {
        struct block *block = block_read(7, data.data, size);
        read += block != NULL;
        block_release(block);
    }
    ok(read == 0, "a block that was cut off is noticed");
    buffer_free(&data);
}

int main(void)
{
    test_taken();
    test_round();
    return done_testing();
}
