#include "memory/table.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 64 };

void table_init(struct table *table, size_t entry_size, uint64_t seed)
{
    *table = (struct table){.entry_size = entry_size, .seed = seed};
}

/* Multiplies to 128 bits and folds them, so that every bit of A and B affects the whole result. */
static uint64_t mix(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    unsigned __int128 product = (unsigned __int128)a * b;
    uint64_t low = (uint64_t)product, high = (uint64_t)(product >> 64);
#else
    uint64_t a_low = (uint32_t)a, a_high = a >> 32, b_low = (uint32_t)b, b_high = b >> 32;
    uint64_t cross = a_high * b_low + (a_low * b_low >> 32);
    uint64_t other = a_low * b_high + (uint32_t)cross;
    uint64_t low = a * b, high = a_high * b_high + (cross >> 32) + (other >> 32);
#endif
    return low ^ high;
}

static uint64_t load_8(const char *from)
{
    uint64_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

static uint64_t load_4(const char *from)
{
    uint32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

/* Reads up to 16 bytes as two words: the first and the last 8 bytes, which overlap if there are
 * fewer. Together with SIZE the words determine the bytes. */
static void load_up_to_16(const char *key, size_t size, uint64_t *first, uint64_t *last)
{
    *first = *last = 0;
    if (size >= 8) {
        *first = load_8(key);
        *last = load_8(key + size - 8);
    } else if (size >= 4) {
        *first = load_4(key);
        *last = load_4(key + size - 4);
    } else if (size > 0) {
        *first = (unsigned char)key[0] | (uint64_t)(unsigned char)key[size / 2] << 8;
        *last = (unsigned char)key[size - 1];
    }
}

static uint64_t hash_of(const char *key, size_t size, uint64_t seed)
{
    const uint64_t odd = 0x9e3779b97f4a7c15; /* 2^64 over the golden ratio */
    const uint64_t secret = seed ^ odd;
    uint64_t first, last, hash = mix(seed ^ size, odd);
    for (; size > 16; key += 16, size -= 16)
        hash = mix(load_8(key) ^ hash, load_8(key + 8) ^ secret);
    load_up_to_16(key, size, &first, &last);
    return mix(first ^ hash, last ^ secret);
}

/* Returns the slot of the key, or the free slot where it belongs. */
static struct entry **find(const struct table *table, const char *key, size_t size, uint64_t hash)
{
    size_t mask = table->slots - 1;
    size_t i = (size_t)hash & mask;
    for (struct entry *entry; (entry = table->slot[i]) != NULL; i = (i + 1) & mask) {
        if (entry->hash == hash && entry->size == size && memcmp(entry->key, key, size) == 0)
            break;
    }
    return &table->slot[i];
}

/* Grows the table, so that at least a third of the slots stay free. */
static bool grow(struct table *table)
{
    if (table->slot && table->entries < table->slots / 3 * 2)
        return true;
    size_t slots = table->slot ? table->slots * 2 : FIRST_SLOTS;
    struct table larger = *table;
    larger.slot = calloc(slots, sizeof *larger.slot);
    if (!larger.slot)
        return false;
    larger.slots = slots;
    for (size_t i = 0; i < table->slots; i++) {
        struct entry *entry = table->slot[i];
        if (entry)
            *find(&larger, entry->key, entry->size, entry->hash) = entry;
    }
    free(table->slot);
    *table = larger;
    return true;
}

void *table_look_up(struct table *table, const char *key, size_t size)
{
    if (!table->slot)
        return NULL;
    return *find(table, key, size, hash_of(key, size, table->seed));
}

void *table_find(struct table *table, const char *key, size_t size)
{
    uint64_t hash = hash_of(key, size, table->seed);
    if (table->slot) {
        struct entry *entry = *find(table, key, size, hash);
        if (entry)
            return *table_recent(table, key, size) = entry;
    }
    char *memory = grow(table) ? calloc(1, table->entry_size + size + 1) : NULL;
    if (!memory)
        return NULL;
    char *copy = memcpy(memory + table->entry_size, key, size);
    struct entry *entry = (struct entry *)memory;
    *entry = (struct entry){.key = copy, .size = size, .hash = hash};
    *find(table, key, size, hash) = entry;
    table->entries++;
    table->key_bytes += size;
    return *table_recent(table, key, size) = entry;
}

void table_clear(struct table *table, void (*release)(void *, void *), void *context)
{
    for (size_t i = 0; i < table->slots; i++) {
        if (!table->slot[i])
            continue;
        if (release)
            release(table->slot[i], context);
        free(table->slot[i]);
    }
    free(table->slot);
    table_init(table, table->entry_size, table->seed);
}
