#include "tables/seen.h"

#include <stdlib.h>

#include "memory/hash.h"

enum { FIRST_SLOTS = 256 };

static uint64_t *find(const struct seen *seen, uint64_t hash)
{
    size_t place = (size_t)hash & (seen->slots - 1);
    while (seen->hash[place] && seen->hash[place] != hash)
        place = (place + 1) & (seen->slots - 1);
    return &seen->hash[place];
}

/* Makes room for one more; a quarter of the slots stay free. */
static bool grow(struct seen *seen)
{
    if (seen->count < seen->slots / 4 * 3)
        return true;
    struct seen larger = *seen;
    larger.slots = seen->slots ? seen->slots * 2 : FIRST_SLOTS;
    larger.hash = calloc(larger.slots, sizeof *larger.hash);
    if (!larger.hash)
        return false;
    for (size_t i = 0; i < seen->slots; i++) {
        if (seen->hash[i])
            *find(&larger, seen->hash[i]) = seen->hash[i];
    }
    free(seen->hash);
    *seen = larger;
    return true;
}

enum seen_result seen_add(struct seen *seen, const char *key, size_t size)
{
    uint64_t hash = hash_bytes(key, size, seen->seed);
    hash += !hash;
    if (!grow(seen))
        return SEEN_NO_MEMORY;
    uint64_t *slot = find(seen, hash);
    if (*slot)
        return SEEN_BEFORE;
    *slot = hash;
    seen->count++;
    return SEEN_NEW;
}

void seen_clear(struct seen *seen)
{
    free(seen->hash);
    *seen = (struct seen){.seed = seen->seed};
}
