#include "log/decoded_values.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "memory/hash.h"

/* A value that is longer, or longer decoded, is not remembered. */
enum { PLACES = 1024, VALUE_MAX = 320 };

/* Each value has one place, by its hash; the last one to come stays. */
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

size_t decoded_values_get(struct decoded_values *cache, const char *value, size_t size, char *out)
{
    if (size == 0 || size > VALUE_MAX)
        return cache->decode(value, size, out);
    struct place *place = &cache->place[hash_bytes(value, size, 0) % PLACES];
    if (place->size == size && !memcmp(place->value, value, size)) {
        memcpy(out, place->decoded, place->decoded_size);
        return place->decoded_size;
    }
    size_t decoded_size = cache->decode(value, size, out);
    if (decoded_size <= VALUE_MAX) {
        place->size = (uint16_t)size;
        place->decoded_size = (uint16_t)decoded_size;
        memcpy(place->value, value, size);
        memcpy(place->decoded, out, decoded_size);
    }
    return decoded_size;
}
