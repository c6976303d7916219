#include "memory/hash.h"

#include <string.h>

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

uint64_t hash_bytes(const char *key, size_t size, uint64_t seed)
{
    const uint64_t odd = 0x9e3779b97f4a7c15; /* 2^64 over the golden ratio */
    const uint64_t secret = seed ^ odd;
    uint64_t first, last, hash = mix(seed ^ size, odd);
    for (; size > 16; key += 16, size -= 16)
        hash = mix(load_8(key) ^ hash, load_8(key + 8) ^ secret);
    load_up_to_16(key, size, &first, &last);
    return mix(first ^ hash, last ^ secret);
}
