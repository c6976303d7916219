/* memory/table: the same values as in a simple array, with any keys. */
#include <stdint.h>
#include <stdlib.h>

#include "memory/table.h"
#include "tap.h"

enum { KEYS = 20000, OPERATIONS = 200000, KEY_ROOM = 64, COLLIDING = 50 };

struct counted {
    struct entry entry;
    unsigned count;
};

static size_t below(unsigned long long *random, size_t limit)
{
    return (size_t)(next_random(random) >> 16) % limit;
}

/* Looks the key up with a copy in memory of just its size. */
static struct counted *get(struct table *table, const char *key, size_t size)
{
    char *copy = malloc(size ? size : 1);
    memcpy(copy, key, size);
    struct counted *entry = table_get(table, copy, size);
    free(copy);
    return entry;
}

static bool has_key(const struct counted *entry, const char *key, size_t size)
{
    return entry && entry->entry.size == size && memcmp(entry->entry.key, key, size) == 0 &&
           entry->entry.key[size] == '\0';
}

/* ---- the table against an array ---- */

struct slot {
    struct counted *entry; /* NULL: the table does not have the key */
    unsigned count;
};

/* Makes key NUMBER, which differs from all others: 0 to 60 bytes, mostly with equal beginnings or ends, many with
 * NULs. */
static size_t key_of(unsigned number, char *key)
{
    if (number == 0)
        return 0;
    if (number <= 256) {
        key[0] = (char)(number - 1);
        return 1;
    }
    size_t size = 2 + number % 59, room = size < 4 ? size : 4;
    memset(key, number % 3 ? '\0' : 'k', size);
    size_t at = number % 5 ? 0 : size - room;
    for (size_t i = 0; i < room; i++)
        key[at + i] = (char)(number >> (8 * i));
    return size;
}

static struct slot slots[KEYS];

static void count_release(void *entry, void *context)
{
    struct counted *counted = entry;
    *(size_t *)context += counted->count;
    counted->count = UINT32_MAX;
}

/* Empties the table and the array.  Returns false when they had different values. */
static bool clear(struct table *table)
{
    size_t expected = 0, released = 0;
    for (unsigned i = 0; i < KEYS; i++)
        expected += slots[i].count;
    table_clear(table, count_release, &released);
    memset(slots, 0, sizeof slots);
    return released == expected && table->entries == 0;
}

static void test_array(void)
{
    unsigned long long random = 577215;
    struct table table;
    size_t wrong = 0, entries = 0, largest = 0;
    unsigned keys = KEYS;
    table_init(&table, sizeof(struct counted), 314159);
    for (int i = 0; i < OPERATIONS; i++) {
        if (below(&random, 40000) == 0) {
            wrong += !clear(&table);
            entries = 0;
            keys = 1 + (unsigned)below(&random, KEYS);
        }
        char key[KEY_ROOM];
        unsigned number = (unsigned)below(&random, keys);
        size_t size = key_of(number, key);
        struct slot *slot = &slots[number];
        const struct counted *known = table_look_up(&table, key, size);
        struct counted *entry = get(&table, key, size);
        if (!has_key(entry, key, size)) {
            wrong++;
            continue;
        }
        wrong += entry->count != slot->count || (slot->entry && slot->entry != entry);
        wrong += known != slot->entry;
        entries += !slot->entry;
        largest = entries > largest ? entries : largest;
        slot->entry = entry;
        slot->count = ++entry->count;
        wrong += table.entries != entries;
    }
    ok(wrong == 0, "%d values of up to %zu keys: %zu wrong", OPERATIONS, largest, wrong);
    ok(largest > KEYS / 2, "most keys have been there");
    ok(clear(&table), "all are released, once");
    table_clear(&table, NULL, NULL);
    ok(table.slot == NULL && table.entries == 0, "an empty table can be cleared");
}

/* ---- collisions ---- */

/* Keys that have the same slot in tables of up to 4096 slots. */
static void test_same_slot(void)
{
    char keys[COLLIDING][KEY_ROOM];
    size_t found = 0, mask = 4095;
    struct table table;
    table_init(&table, sizeof(struct counted), 7);
    for (unsigned i = 0; found < COLLIDING && i < 1000000; i++) {
        char *key = keys[found];
        snprintf(key, KEY_ROOM, "/page-%u.html", i);
        const struct counted *entry = get(&table, key, strlen(key));
        found += ((size_t)entry->entry.hash & mask) == 5;
    }
    table_clear(&table, NULL, NULL);
    struct counted *entry[COLLIDING];
    for (size_t i = 0; i < found; i++)
        entry[i] = get(&table, keys[i], strlen(keys[i]));
    bool same = found == COLLIDING;
    for (size_t i = 0; i < found; i++)
        same = same && has_key(entry[i], keys[i], strlen(keys[i])) &&
               get(&table, keys[i], strlen(keys[i])) == entry[i];
    ok(same && table.entries == found, "%zu keys for one slot", found);
    table_clear(&table, NULL, NULL);
}

/* Keys with the same hash, which need the seed: they make the second factor of the product 0. */
static void test_same_hash(void)
{
    const uint64_t seed = 123456789, zero = seed ^ 0x9e3779b97f4a7c15;
    struct table table;
    struct counted *entry[COLLIDING];
    char keys[COLLIDING][KEY_ROOM];
    size_t sizes[COLLIDING];
    bool same_hash = true, apart = true;
    table_init(&table, sizeof(struct counted), seed);
    for (unsigned i = 0; i < COLLIDING; i++) {
        sizes[i] = i < 9 ? 16 - i : 16;
        snprintf(keys[i], sizeof keys[i], "key %04u", i);
        memcpy(keys[i] + sizes[i] - 8, &zero, 8);
        entry[i] = get(&table, keys[i], sizes[i]);
        same_hash = same_hash && entry[i]->entry.hash == entry[0]->entry.hash;
    }
    for (unsigned i = 0; i < COLLIDING; i++)
        apart = apart && has_key(entry[i], keys[i], sizes[i]) &&
                get(&table, keys[i], sizes[i]) == entry[i];
    ok(same_hash, "(%d keys have the same hash)", COLLIDING);
    ok(apart && table.entries == COLLIDING, "keys with the same hash are distinguished");
    table_clear(&table, NULL, NULL);
}

/* Keys that differ little have distant slots, so few slots lie between a key's first slot and its entry. */
static void test_spread(void)
{
    struct table table;
    uint64_t bits = 0, unset = 0;
    table_init(&table, sizeof(struct counted), 99);
    for (unsigned i = 0; i < KEYS; i++) {
        char key[KEY_ROOM];
        snprintf(key, sizeof key, "198.51.%u.%u", i / 256, i % 256);
        const struct counted *entry = get(&table, key, strlen(key));
        bits |= entry->entry.hash;
        unset |= ~entry->entry.hash;
    }
    ok(bits == UINT64_MAX && unset == UINT64_MAX, "every bit of the hash varies");
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < table.slots; i++) {
        run = table.slot[i] ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    ok(table.slots > KEYS * 3 / 2 && longest < 200, "at most %zu of %zu slots are taken in a row",
       longest, table.slots);
    table_clear(&table, NULL, NULL);
}

int main(void)
{
    test_array();
    test_same_slot();
    test_same_hash();
    test_spread();
    return done_testing();
}
