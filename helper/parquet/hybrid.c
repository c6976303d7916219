#include "parquet/hybrid.h"

#include "parquet/bits.h"
#include "parquet/thrift.h"

void hybrid_begin(struct hybrid *hybrid, const unsigned char *at, const unsigned char *end,
                  unsigned width)
{
    *hybrid = (struct hybrid){.at = at, .end = end, .width = width};
}

/* Reads the header of the next run or of the next packed numbers.  Changes nothing when there is none. */
static bool next_part(struct hybrid *hybrid)
{
    struct thrift thrift = {.at = hybrid->at, .end = hybrid->end};
    uint64_t header = thrift_varint(&thrift), available = (uint64_t)(thrift.end - thrift.at);
    if (thrift.failed || header < 2 || header > (uint64_t)1 << 40)
        return false;
    bool is_run = !(header & 1);
    uint64_t left = is_run ? header >> 1 : (header >> 1) * 8;
    uint64_t size = is_run ? (hybrid->width + 7) / 8 : (header >> 1) * hybrid->width;
    if (size > available) { /* some writers leave out bytes of numbers that do not count */
        if (is_run || !available)
            return false;
        left = available * 8 / hybrid->width;
        size = available;
    }
    hybrid->is_run = is_run;
    hybrid->left = left;
    hybrid->number = 0;
    for (unsigned i = 0; is_run && i < size; i++)
        hybrid->number |= (uint32_t)thrift.at[i] << 8 * i;
    hybrid->packed = thrift.at;
    hybrid->bit = 0;
    hybrid->at = thrift.at + size;
    return true;
}

bool hybrid_read(struct hybrid *hybrid, uint32_t *numbers, size_t count)
{
    while (count) {
        if (!hybrid->left && !next_part(hybrid))
            return false;
        size_t some = count < hybrid->left ? count : (size_t)hybrid->left;
        for (size_t i = 0; i < some && hybrid->is_run; i++)
            numbers[i] = hybrid->number;
        if (!hybrid->is_run) {
            uint64_t bit = hybrid->bit;
            for (size_t i = 0; i < some; i++, bit += hybrid->width)
                numbers[i] = (uint32_t)bits_get(hybrid->packed, hybrid->at, bit, hybrid->width);
            hybrid->bit = bit;
        }
        numbers += some;
        count -= some;
        hybrid->left -= some;
    }
    return true;
}

bool hybrid_take_run(struct hybrid *hybrid, size_t count, uint32_t *number)
{
    if (!hybrid->left && !next_part(hybrid))
        return false;
    if (!hybrid->is_run || hybrid->left < count)
        return false;
    *number = hybrid->number;
    hybrid->left -= count;
    return true;
}
