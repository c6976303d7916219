#include "parquet/lz4.h"

#include <string.h>

enum {
    LENGTH_BITS = 4,
    LENGTH_MORE = 15,  /* more bytes of a length follow ... */
    LENGTH_LAST = 255, /* ... up to one that is less */
    MATCH_MIN = 4,
    OFFSET_SIZE = 2
};

struct bytes {
    const unsigned char *at, *end;
};

/* Reads the rest of a length whose first bits are LENGTH.  Returns false at the end of the bytes. */
static bool read_length(struct bytes *in, size_t *length)
{
    if (*length < LENGTH_MORE)
        return true;
    unsigned char more;
    do {
        if (in->at == in->end)
            return false;
        more = *in->at++;
        *length += more;
    } while (more == LENGTH_LAST);
    return true;
}

bool lz4_unpack(const unsigned char *in_bytes, size_t in_size, unsigned char *out, size_t size)
{
    struct bytes in = {in_bytes, in_bytes + in_size};
    unsigned char *o = out, *end = out + size;
    while (in.at < in.end) {
        const unsigned token = *in.at++;
        size_t literals = token >> LENGTH_BITS, match = token & LENGTH_MORE;
        if (!read_length(&in, &literals) || literals > (size_t)(in.end - in.at) ||
            literals > (size_t)(end - o))
            return false;
        memcpy(o, in.at, literals);
        in.at += literals;
        o += literals;
        if (in.at == in.end) /* the last sequence has no match */
            return o == end;
        if (in.end - in.at < OFFSET_SIZE)
            return false;
        size_t offset = in.at[0] | (size_t)in.at[1] << 8;
        in.at += OFFSET_SIZE;
        if (!read_length(&in, &match))
            return false;
        match += MATCH_MIN;
        if (!offset || offset > (size_t)(o - out) || match > (size_t)(end - o))
            return false;
        for (; match; match--, o++) /* the match may go on into what it has become */
            *o = *(o - offset);
    }
    return false;
}
