#include "gzip/inflate.h"

#include <stdlib.h>

#include "gzip/decoder.h"

enum { MAGIC_1 = 0x1f, MAGIC_2 = 0x8b }; /* a member's first bytes */

struct inflate {
    struct decoder *decoder;
    enum { BETWEEN_MEMBERS, IN_MEMBER, IN_PADDING } state;
    bool any_member; /* a complete one has been read */
};

struct inflate *inflate_new(void)
{
    struct inflate *inflate = calloc(1, sizeof *inflate);
    if (inflate && !(inflate->decoder = decoder_new())) {
        free(inflate);
        return NULL;
    }
    return inflate;
}

void inflate_free(struct inflate *inflate)
{
    if (inflate)
        decoder_free(inflate->decoder);
    free(inflate);
}

void inflate_begin(struct inflate *inflate)
{
    inflate->state = BETWEEN_MEMBERS;
    inflate->any_member = false;
}

bool inflate_run(struct inflate *inflate, const unsigned char **in, size_t *in_size,
                 unsigned char *out, size_t *out_size)
{
    size_t room = *out_size, written = 0;
    *out_size = 0;
    while (*in_size || inflate->state == IN_MEMBER) {
        if (inflate->state == BETWEEN_MEMBERS) {
            if (**in == 0 && inflate->any_member) {
                inflate->state = IN_PADDING;
                continue;
            }
            if (**in != MAGIC_1)
                return false;
            size_t whole = room - written;
            if (decoder_run_whole(inflate->decoder, in, in_size, out + written, &whole)) {
                *out_size = written += whole;
                inflate->any_member = true;
                continue;
            }
            decoder_begin(inflate->decoder);
            inflate->state = IN_MEMBER;
        }
        if (inflate->state == IN_PADDING) {
            while (*in_size && **in == 0)
                ++*in, --*in_size;
            return *in_size == 0;
        }
        size_t size = room - written;
        enum decoder_result result =
            decoder_run(inflate->decoder, in, in_size, out + written, &size);
        written += size;
        *out_size = written;
        if (result == DECODER_CORRUPT)
            return false;
        if (result == DECODER_MORE)
            return true;
        inflate->state = BETWEEN_MEMBERS;
        inflate->any_member = true;
    }
    return true;
}

bool inflate_is_complete(const struct inflate *inflate)
{
    return inflate->state != IN_MEMBER;
}

bool inflate_is_gzip(const unsigned char *s, size_t size)
{
    return size >= 2 && s[0] == MAGIC_1 && s[1] == MAGIC_2;
}
