/* The decoder of one gzip member: libdeflate for one that is there as a whole, ISA-L for one that comes in pieces. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>

#include "gzip/decoder.h"

/* RFC 1952, 2.2 and 2.3: a member's bytes but for its data, and in its header the flags, of which one says that the
 * header has a checksum. */
enum { FRAME_SIZE = 18, FLAGS_AT = 3, FLAG_HEADER_CRC = 2 };

struct decoder {
    struct libdeflate_decompressor *whole;
    struct inflate_state state;
    struct isal_gzip_header header; /* read to be skipped */
    bool in_header;
};

struct decoder *decoder_new(void)
{
    struct decoder *decoder = malloc(sizeof *decoder);
    if (decoder && !(decoder->whole = libdeflate_alloc_decompressor())) {
        free(decoder);
        return NULL;
    }
    return decoder;
}

void decoder_free(struct decoder *decoder)
{
    if (decoder)
        libdeflate_free_decompressor(decoder->whole);
    free(decoder);
}

/* Returns the last four bytes: the length of the data, if a member ends there. */
static uint32_t last_length(const unsigned char *in, size_t size)
{
    const unsigned char *s = in + size - 4;
    return s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16 | (uint32_t)s[3] << 24;
}

/* Libdeflate does not verify the header's checksum, which almost no member has.  It finds out itself when a member is
 * longer than IN or OUT, but only at the end of these: the last length saves most such tries. */
bool decoder_run_whole(struct decoder *decoder, const unsigned char **in, size_t *in_size,
                       unsigned char *out, size_t *out_size)
{
    size_t used, written;
    if (*in_size < FRAME_SIZE || (*in)[FLAGS_AT] & FLAG_HEADER_CRC ||
        last_length(*in, *in_size) > *out_size ||
        libdeflate_gzip_decompress_ex(decoder->whole, *in, *in_size, out, *out_size, &used,
                                      &written) != LIBDEFLATE_SUCCESS)
        return false;
    *in += used;
    *in_size -= used;
    *out_size = written;
    return true;
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
