#include "tables/seen.h"

#include <stdlib.h>

#include "memory/hash.h"

enum { FIRST_SLOTS = 16, PART_SHIFT = 60 };

/* Returns the slot of a hash, or the free slot where the hash belongs: its lower half says where to
 * begin, so that hashes keep their order when a part grows. */
static uint64_t *find(const struct seen_part *part, uint64_t hash)
{
    size_t place = (size_t)((hash & UINT32_MAX) * part->slots >> 32);
    while (part->hash[place] && part->hash[place] != hash)
        place = place + 1 < part->slots ? place + 1 : 0;
    return &part->hash[place];
}

/* Makes room for one more; a fifth of the slots stay free. */
static bool grow(struct seen_part *part)
{
    if (part->count < part->slots - part->slots / 5)
        return true;
    if (part->slots > UINT32_MAX / 2)
        return false;
    struct seen_part larger = *part;
    larger.slots = part->slots ? part->slots + part->slots / 4 : FIRST_SLOTS;
    larger.hash = calloc(larger.slots, sizeof *larger.hash);
    if (!larger.hash)
        return false;
    for (size_t i = 0; i < part->slots; i++) {
        if (part->hash[i])
            *find(&larger, part->hash[i]) = part->hash[i];
    }
    free(part->hash);
    *part = larger;
    return true;
}

enum seen_result seen_add(struct seen *seen, const char *key, size_t size)
{
    uint64_t hash = hash_bytes(key, size, seen->seed);
    hash += !hash;
    struct seen_part *part = &seen->part[hash >> PART_SHIFT];
    if (!grow(part))
        return SEEN_NO_MEMORY;
    uint64_t *slot = find(part, hash);
    if (*slot)
        return SEEN_BEFORE;
    *slot = hash;
    part->count++;
    return SEEN_NEW;
}

void seen_clear(struct seen *seen)
{
    for (unsigned i = 0; i < SEEN_PARTS; i++)
        free(seen->part[i].hash);
    *seen = (struct seen){.seed = seen->seed};
}
