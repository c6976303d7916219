/* The decoder of one gzip member, by ISA-L. */
#include <stdbool.h>
#include <stdlib.h>
#include <isa-l/igzip_lib.h>

#include "gzip/decoder.h"

struct decoder {
    struct inflate_state state;
    struct isal_gzip_header header; /* read to be skipped */
    bool in_header;
};

struct decoder *decoder_new(void)
{
    return malloc(sizeof(struct decoder));
}

void decoder_free(struct decoder *decoder)
{
    free(decoder);
}

/* The header is read separately: isal_inflate() itself loses one that comes in two pieces. */
void decoder_begin(struct decoder *decoder)
{
    isal_inflate_init(&decoder->state);
    isal_gzip_header_init(&decoder->header);
    decoder->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
    decoder->in_header = true;
}

enum decoder_result decoder_run(struct decoder *decoder, const unsigned char **in, size_t *in_size,
                                unsigned char *out, size_t *out_size)
{
    struct inflate_state *state = &decoder->state;
    state->next_in = (unsigned char *)*in;
    state->avail_in = (uint32_t)*in_size;
    state->next_out = out;
    state->avail_out = (uint32_t)*out_size;
    int result = ISAL_DECOMP_OK;
    if (decoder->in_header) {
        result = isal_read_gzip_header(state, &decoder->header);
        decoder->in_header = result == ISAL_END_INPUT;
    }
    if (result == ISAL_DECOMP_OK)
        result = isal_inflate(state);
    *in = state->next_in;
    *in_size = state->avail_in;
    *out_size -= state->avail_out;
    if (result != ISAL_DECOMP_OK && result != ISAL_END_INPUT)
        return DECODER_CORRUPT;
    return state->block_state == ISAL_BLOCK_FINISH ? DECODER_MEMBER_ENDS : DECODER_MORE;
}
