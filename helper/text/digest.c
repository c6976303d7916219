#include "text/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "memory/allocate.h"

struct digester {
    XXH3_state_t *state;
    uint64_t length;
};

struct digester *digester_new(void)
{
    struct digester *digester = memory_allocate(1, sizeof *digester);
    digester->state = XXH3_createState();
    if (!digester->state)
        memory_exhausted();
    digester_begin(digester);
    return digester;
}

void digester_free(struct digester *digester)
{
    if (!digester)
        return;
    XXH3_freeState(digester->state);
    free(digester);
}

void digester_begin(struct digester *digester)
{
    XXH3_128bits_reset(digester->state);
    digester->length = 0;
}

void digester_add(struct digester *digester, const void *piece, size_t size)
{
    XXH3_128bits_update(digester->state, piece, size);
    digester->length += size;
}

struct digest digester_end(const struct digester *digester)
{
    XXH128_hash_t hash = XXH3_128bits_digest(digester->state);
    return (struct digest){digester->length, hash.high64, (uint32_t)(hash.low64 >> 32)};
}

bool digest_is_known(const struct digest *digest)
{
    return digest->length || digest->high || digest->low;
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

int digest_compare(const struct digest *a, const struct digest *b)
{
    int order = compare(a->length, b->length);
    if (!order)
        order = compare(a->high, b->high);
    return order ? order : compare(a->low, b->low);
}

void digest_write(const struct digest *digest, char out[DIGEST_WRITTEN_SIZE])
{
    *out = '\0';
    if (digest_is_known(digest))
        snprintf(out, DIGEST_WRITTEN_SIZE, "%" PRIu64 " %016" PRIx64 "%08" PRIx32, digest->length,
                 digest->high, digest->low);
}

bool digest_read(struct digest *digest, const char *text)
{
    char again[DIGEST_WRITTEN_SIZE];
    *digest = (struct digest){0};
    if (*text && sscanf(text, "%" SCNu64 " %16" SCNx64 "%8" SCNx32, &digest->length, &digest->high,
                        &digest->low) != 3)
        return false;
    digest_write(digest, again);
    return !strcmp(again, text);
}
