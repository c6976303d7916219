#include "tables/seen.h"

#include <stdlib.h>
#include <string.h>

#include "memory/hash.h"

enum { FIRST_ROOM = 16, PART_SHIFT = 56 };

/* Makes room for one more hash. */
static bool grow(struct seen_part *part)
{
    if (part->count < part->room)
        return true;
    if (part->room > UINT32_MAX / 4)
        return false;
    const uint32_t room = part->room ? part->room + part->room / 4 : FIRST_ROOM;
    uint64_t *hash = realloc(part->hash, room * sizeof *hash);
    if (!hash)
        return false;
    part->hash = hash;
    part->room = room;
    return true;
}

bool seen_add(struct seen *seen, const char *key, size_t size)
{
    const uint64_t hash = hash_bytes(key, size, seen->seed);
    struct seen_part *part = &seen->part[hash >> PART_SHIFT];
    if (!grow(part))
        return false;
    part->hash[part->count++] = hash + !hash;
    return true;
}

/* Returns whether a part has the same hash twice.  TABLE has room for twice the part's hashes. */
static bool is_twice(const struct seen_part *part, uint64_t *table)
{
    const uint64_t slots = (uint64_t)part->count * 2;
    memset(table, 0, slots * sizeof *table);
    for (uint32_t i = 0; i < part->count; i++) {
        const uint64_t hash = part->hash[i];
        uint64_t place = (hash & UINT32_MAX) * slots >> 32;
        while (table[place] && table[place] != hash)
            place = place + 1 < slots ? place + 1 : 0;
        if (table[place])
            return true;
        table[place] = hash;
    }
    return false;
}

enum seen_result seen_twice(const struct seen *seen)
{
    uint32_t most = 0;
    for (unsigned i = 0; i < SEEN_PARTS; i++)
        most = seen->part[i].count > most ? seen->part[i].count : most;
    if (!most)
        return SEEN_ONCE;
    uint64_t *table = calloc(most, 2 * sizeof *table);
    if (!table)
        return SEEN_NO_MEMORY;
    bool twice = false;
    for (unsigned i = 0; i < SEEN_PARTS && !twice; i++)
        twice = is_twice(&seen->part[i], table);
    free(table);
    return twice ? SEEN_TWICE : SEEN_ONCE;
}

void seen_clear(struct seen *seen)
{
    for (unsigned i = 0; i < SEEN_PARTS; i++)
        free(seen->part[i].hash);
    *seen = (struct seen){.seed = seen->seed};
}
