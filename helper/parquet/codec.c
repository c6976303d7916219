#include "parquet/codec.h"

#include <limits.h>
#include <lz4.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <zstd.h>

#include "gzip/inflate.h"
#include "parquet/error.h"

/* Numbers of parquet.thrift. */
enum { CODEC_NONE, CODEC_SNAPPY, CODEC_GZIP, CODEC_ZSTD = 6, CODEC_LZ4_RAW };

struct codec {
    struct inflate *inflate;
    ZSTD_DCtx *zstd;
};

struct codec *codec_new(void)
{
    struct codec *codec = calloc(1, sizeof *codec);
    if (!codec)
        return NULL;
    codec->inflate = inflate_new();
    codec->zstd = ZSTD_createDCtx();
    if (codec->inflate && codec->zstd)
        return codec;
    codec_free(codec);
    return NULL;
}

void codec_free(struct codec *codec)
{
    if (!codec)
        return;
    inflate_free(codec->inflate);
    ZSTD_freeDCtx(codec->zstd);
    free(codec);
}

const char *codec_error(int number)
{
    static const char *const errors[] = {
        [CODEC_NONE] = NULL,
        [CODEC_SNAPPY] = NULL,
        [CODEC_GZIP] = NULL,
        PARQUET_UNSUPPORTED("its values are compressed with LZO",
                            "with snappy, gzip, zstd, LZ4_RAW or no compression"),
        PARQUET_UNSUPPORTED("its values are compressed with Brotli",
                            "with snappy, gzip, zstd, LZ4_RAW or no compression"),
        PARQUET_UNSUPPORTED("its values are compressed with LZ4",
                            "with snappy, gzip, zstd, LZ4_RAW or no compression"),
        [CODEC_ZSTD] = NULL,
        [CODEC_LZ4_RAW] = NULL,
    };
    if (number < 0 || number >= (int)(sizeof errors / sizeof *errors))
        return PARQUET_UNSUPPORTED("its values are compressed by an unknown method",
                                   "with snappy, gzip, zstd, LZ4_RAW or no compression");
    return errors[number];
}

bool codec_is_none(int number)
{
    return number == CODEC_NONE;
}

static bool unpack_gzip(struct inflate *inflate, const unsigned char *in, size_t in_size,
                        unsigned char *out, size_t size)
{
    inflate_begin(inflate);
    if (in_size > INT_MAX || size > INT_MAX)
        return false;
    size_t left = size, written;
    do {
        written = left;
        if (!inflate_run(inflate, &in, &in_size, out, &written))
            return false;
        out += written;
        left -= written;
    } while (written && in_size);
    return !left && !in_size && inflate_is_complete(inflate);
}

static bool unpack_snappy(const unsigned char *in, size_t in_size, unsigned char *out, size_t size)
{
    size_t found;
    return snappy_uncompressed_length((const char *)in, in_size, &found) == SNAPPY_OK &&
           found == size &&
           snappy_uncompress((const char *)in, in_size, (char *)out, &found) == SNAPPY_OK &&
           found == size;
}

static bool unpack_lz4(const unsigned char *in, size_t in_size, unsigned char *out, size_t size)
{
    return in_size <= INT_MAX && size <= INT_MAX &&
           LZ4_decompress_safe((const char *)in, (char *)out, (int)in_size, (int)size) == (int)size;
}

bool codec_unpack(struct codec *codec, int number, const unsigned char *in, size_t in_size,
                  unsigned char *out, size_t size)
{
    switch (number) {
    case CODEC_SNAPPY:
        return unpack_snappy(in, in_size, out, size);
    case CODEC_GZIP:
        return unpack_gzip(codec->inflate, in, in_size, out, size);
    case CODEC_ZSTD:
        return ZSTD_decompressDCtx(codec->zstd, out, size, in, in_size) == size;
    case CODEC_LZ4_RAW:
        return unpack_lz4(in, in_size, out, size);
    default:
        return false;
    }
}
