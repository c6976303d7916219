#include "log/decoded_values.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "memory/hash.h"

/* The cache does not keep a value that is longer, or is longer when it is decoded. */
enum { PLACES = 1024, VALUE_MAX = 320 };

/* Each value has two places, by its hash.  Two values that share one place mostly differ in the other. */
struct place {
    uint16_t size, decoded_size; /* size is 0 while the place is empty */
    char value[VALUE_MAX], decoded[VALUE_MAX];
};

struct decoded_values {
    decoder *decode;
    struct place place[PLACES];
};

struct decoded_values *decoded_values_new(decoder *decode)
{
    struct decoded_values *cache = calloc(1, sizeof *cache);
    if (cache)
        cache->decode = decode;
    return cache;
}

void decoded_values_free(struct decoded_values *cache)
{
    free(cache);
}

static bool has_value(const struct place *place, const char *value, size_t size)
{
    return place->size == size && !memcmp(place->value, value, size);
}

static void store(struct place *place, const char *value, size_t size, const char *decoded,
                  size_t decoded_size)
{
    place->size = (uint16_t)size;
    place->decoded_size = (uint16_t)decoded_size;
    memcpy(place->value, value, size);
    memcpy(place->decoded, decoded, decoded_size);
}

size_t decoded_values_get(struct decoded_values *cache, const char *value, size_t size, char *out)
{
    if (size == 0 || size > VALUE_MAX)
        return cache->decode(value, size, out);
    const uint64_t hash = hash_bytes(value, size, 0);
    struct place *first = &cache->place[hash % PLACES],
                 *second = &cache->place[(hash >> 32) % PLACES];
    const struct place *found = has_value(first, value, size)    ? first
                                : has_value(second, value, size) ? second
                                                                 : NULL;
    if (found) {
        memcpy(out, found->decoded, found->decoded_size);
        return found->decoded_size;
    }
    size_t decoded_size = cache->decode(value, size, out);
    if (decoded_size <= VALUE_MAX)
        store(first->size ? second : first, value, size, out, decoded_size);
    return decoded_size;
}
