/* The decoder of one gzip member, by zlib. */
#include <stdlib.h>
#include <zlib.h>

#include "gzip/decoder.h"

struct decoder {
    z_stream stream;
};

struct decoder *decoder_new(void)
{
    struct decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder && inflateInit2(&decoder->stream, 15 + 16) != Z_OK) { /* 16: gzip only */
        free(decoder);
        return NULL;
    }
    return decoder;
}

void decoder_free(struct decoder *decoder)
{
    if (decoder)
        inflateEnd(&decoder->stream);
    free(decoder);
}

bool decoder_run_whole(struct decoder *decoder, const unsigned char **in, size_t *in_size,
                       unsigned char *out, size_t *out_size)
{
    (void)decoder, (void)in, (void)in_size, (void)out, (void)out_size;
    return false; /* zlib does not do that faster */
}

void decoder_begin(struct decoder *decoder)
{
    inflateReset(&decoder->stream);
}

enum decoder_result decoder_run(struct decoder *decoder, const unsigned char **in, size_t *in_size,
                                unsigned char *out, size_t *out_size)
{
    z_stream *stream = &decoder->stream;
    stream->next_in = (unsigned char *)*in;
    stream->avail_in = (uInt)*in_size;
    stream->next_out = out;
    stream->avail_out = (uInt)*out_size;
    int result = inflate(stream, Z_NO_FLUSH);
    *in = stream->next_in;
    *in_size = stream->avail_in;
    *out_size -= stream->avail_out;
    if (result == Z_STREAM_END)
        return DECODER_MEMBER_ENDS;
    return result == Z_OK || result == Z_BUF_ERROR ? DECODER_MORE : DECODER_CORRUPT;
}
