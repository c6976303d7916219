#include "parquet/delta.h"

#include "parquet/bits.h"
#include "parquet/thrift.h"

enum { BLOCK_MAX = 1 << 16, WIDTH_MAX = 64, HALF = 32 };

bool delta_begin(struct delta *delta, const unsigned char *at, const unsigned char *end)
{
    struct thrift thrift = {.at = at, .end = end};
    uint64_t block = thrift_varint(&thrift), parts = thrift_varint(&thrift),
             count = thrift_varint(&thrift);
    int64_t first = thrift_zigzag(thrift_varint(&thrift));
    if (thrift.failed || !block || block > BLOCK_MAX || !parts || parts > DELTA_PARTS_MAX ||
        block % parts || block / parts % 8 || count > INT32_MAX)
        return false;
    *delta = (struct delta){.at = thrift.at,
                            .end = end,
                            .left = count,
                            .next = (uint64_t)first,
                            .is_first = true,
                            .part_size = block / parts,
                            .parts = (unsigned)parts,
                            .part = (unsigned)parts};
    return true;
}

/* Begins the next part, in the next block after the last part of a block. */
static bool next_part(struct delta *delta)
{
    if (delta->part == delta->parts) {
        struct thrift thrift = {.at = delta->at, .end = delta->end};
        delta->least = (uint64_t)thrift_zigzag(thrift_varint(&thrift));
        if (thrift.failed || (size_t)(thrift.end - thrift.at) < delta->parts)
            return false;
        delta->widths = thrift.at;
        delta->at = thrift.at + delta->parts;
        delta->part = 0;
    }
    delta->width = delta->widths[delta->part++];
    uint64_t size = delta->width * delta->part_size / 8;
    if (delta->width > WIDTH_MAX || size > (uint64_t)(delta->end - delta->at))
        return false;
    delta->packed = delta->at;
    delta->at += size;
    delta->in_part = 0;
    return true;
}

/* Returns the next difference of a part. */
static uint64_t next_difference(struct delta *delta)
{
    uint64_t bit = delta->in_part++ * delta->width;
    if (delta->width <= BITS_WIDTH_MAX)
        return bits_get(delta->packed, delta->at, bit, delta->width);
    return bits_get(delta->packed, delta->at, bit, HALF) |
           bits_get(delta->packed, delta->at, bit + HALF, delta->width - HALF) << HALF;
}

bool delta_read_whole(struct delta *delta, uint64_t *number)
{
    if (!delta->left)
        return false;
    if (delta->is_first) {
        delta->is_first = false;
        delta->in_part = delta->part_size;
    } else {
        if (delta->in_part == delta->part_size && !next_part(delta))
            return false;
        delta->next += delta->least + next_difference(delta);
    }
    delta->left--;
    *number = delta->next;
    return true;
}

bool delta_read(struct delta *delta, uint32_t *number)
{
    uint64_t whole;
    if (!delta_read_whole(delta, &whole))
        return false;
    *number = (uint32_t)whole;
    return whole <= INT32_MAX;
}

const unsigned char *delta_end(const struct delta *delta)
{
    struct delta ahead = *delta;
    if (ahead.left < 2)
        return ahead.at;
    for (uint64_t left = ahead.left - 1; left;) {
        if (!next_part(&ahead))
            return NULL;
        left -= left < ahead.part_size ? left : ahead.part_size;
    }
    return ahead.at;
}
