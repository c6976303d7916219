#include "historyfile/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "historyfile/partitions.h"
#include "memory/allocate.h"

/* BATCH entries of a partition go to the file at once.  COMPARED_MAX entries are compared at once, with 16 MB of
 * slots. */
enum { BATCH = 64, COMPARED_MAX = 1 << 20 };

/* An entry has 37 bits of the hash, above the bits that choose the partition, and the number of the line plus 1,
 * so no entry is 0. */
enum { NUMBER_BITS = 27 };
#define NUMBER_MASK ((UINT64_C(1) << NUMBER_BITS) - 1)

struct batch {
    uint64_t entries[BATCH];
    size_t count;  /* of the entries in this batch */
    uint64_t size; /* entries of the partition that were written */
};

struct history_keys {
    struct history_partitions *partitions;
    struct batch batches[HISTORY_PARTITIONS];

    /* A hash table of the entries that are compared; 0: a free slot. */
    uint64_t *slots;
    size_t slot_count; /* a power of two */
};

struct history_keys *history_keys_new(const char *directory)
{
    struct history_partitions *partitions = history_partitions_new(directory);
    if (!partitions)
        return NULL;
    struct history_keys *keys = memory_allocate(1, sizeof *keys);
    keys->partitions = partitions;
    return keys;
}

void history_keys_free(struct history_keys *keys)
{
    if (!keys)
        return;
    history_partitions_free(keys->partitions);
    free(keys->slots);
    free(keys);
}

static bool write_batch(struct history_keys *keys, size_t partition)
{
    struct batch *batch = &keys->batches[partition];
    size_t size = batch->count * sizeof *batch->entries;
    batch->size += batch->count;
    batch->count = 0;
    return !size ||
           history_partitions_add(keys->partitions, partition, (const char *)batch->entries, size);
}

bool history_keys_add(struct history_keys *keys, uint64_t hash, uint64_t number)
{
    const size_t partition = hash & (HISTORY_PARTITIONS - 1);
    struct batch *batch = &keys->batches[partition];
    batch->entries[batch->count++] = hash >> HISTORY_PARTITION_BITS << NUMBER_BITS | (number + 1);
    return batch->count < BATCH || write_batch(keys, partition);
}

/* ---- repeated keys -------------------------------------------------------------------------- */

static void set_bit(uint8_t *bits, uint64_t entry)
{
    uint64_t number = (entry & NUMBER_MASK) - 1;
    if (number != HISTORY_NO_LINE)
        bits[number / 8] |= (uint8_t)(1U << number % 8);
}

/* Puts an entry into its slot.  If an entry with the same hash is there, sets the bits of both lines. */
static void compare(struct history_keys *keys, uint64_t entry, uint8_t *bits)
{
    const uint64_t hash = entry >> NUMBER_BITS;
    for (size_t i = hash;; i++) {
        uint64_t *slot = &keys->slots[i & (keys->slot_count - 1)];
        if (!*slot) {
            *slot = entry;
            return;
        }
        if (*slot >> NUMBER_BITS == hash) {
            set_bit(bits, *slot);
            set_bit(bits, entry);
            return;
        }
    }
}

/* Compares the entries of a partition whose hashes leave the remainder PART when divided by PARTS. */
static bool compare_part(struct history_keys *keys, size_t partition, uint64_t part, uint64_t parts,
                         uint8_t *bits)
{
    const char *bytes;
    size_t size;
    memset(keys->slots, 0, keys->slot_count * sizeof *keys->slots);
    history_partitions_open(keys->partitions, partition);
    while ((bytes = history_partitions_next(keys->partitions, &size)))
        for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
            uint64_t entry;
            memcpy(&entry, bytes + i, sizeof entry);
            if (parts == 1 || (entry >> NUMBER_BITS) % parts == part)
                compare(keys, entry, bits);
        }
    return !errno;
}

/* Makes the slots, at least twice as many as entries that are compared at once. */
static void make_slots(struct history_keys *keys)
{
    uint64_t most = 0;
    for (size_t i = 0; i < HISTORY_PARTITIONS; i++)
        if (keys->batches[i].size > most)
            most = keys->batches[i].size;
    keys->slot_count = 2;
    while (keys->slot_count < 2 * (most < COMPARED_MAX ? most : COMPARED_MAX))
        keys->slot_count *= 2;
    keys->slots = memory_allocate(keys->slot_count, sizeof *keys->slots);
}

bool history_keys_find(struct history_keys *keys, uint8_t *bits)
{
    bool done = true;
    for (size_t i = 0; done && i < HISTORY_PARTITIONS; i++)
        done = write_batch(keys, i);
    done = done && history_partitions_end(keys->partitions);
    make_slots(keys);
    for (size_t i = 0; done && i < HISTORY_PARTITIONS; i++) {
        uint64_t parts = 1 + keys->batches[i].size / COMPARED_MAX;
        for (uint64_t part = 0; done && part < parts; part++)
            done = compare_part(keys, i, part, parts, bits);
    }
    return done;
}
