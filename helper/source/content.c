#include "source/content.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "files/read_at.h"
#include "gzip/inflate.h"
#include "memory/allocate.h"
#include "zstd/unzstd.h"

enum {
    PIECE_SIZE = 128 * 1024,
    MEMBER_MIN = 18, /* bytes of a header and a trailer */
    TRAILER_SIZE = 8
};

/* The CRC-32, length and digest of the bytes that were added. */
struct sum {
    uint32_t crc;
    uint64_t length;
    struct digester *digester;
};

static void add(struct sum *sum, const unsigned char *data, size_t size)
{
    sum->crc = (uint32_t)crc32_z(sum->crc, data, size);
    sum->length += size;
    digester_add(sum->digester, data, size);
}

static void put(char end[CONTENT_SIZE], uint32_t crc, uint64_t length)
{
    snprintf(end, CONTENT_SIZE, "%08x %lu", crc, (unsigned long)(length & UINT32_MAX));
}

enum packing { NOT_PACKED, GZIP, ZSTD };

static enum packing find_packing(int fd, uint64_t size)
{
    unsigned char magic[UNZSTD_MAGIC_SIZE];
    if (read_at(fd, magic, sizeof magic, 0) != (ssize_t)sizeof magic)
        return NOT_PACKED;
    if (size >= MEMBER_MIN && inflate_is_gzip(magic, sizeof magic))
        return GZIP;
    return unzstd_is_zstd(magic, sizeof magic) ? ZSTD : NOT_PACKED;
}

/* The decompressor of a file; if both are NULL, the file is not unpacked. */
struct unpacker {
    struct inflate *inflate;
    struct unzstd *unzstd;
};

static bool unpack(const struct unpacker *unpacker, const unsigned char **in, size_t *in_size,
                   unsigned char *out, size_t *written)
{
    return unpacker->inflate ? inflate_run(unpacker->inflate, in, in_size, out, written)
                             : unzstd_run(unpacker->unzstd, in, in_size, out, written);
}

/* Unpacks a piece of data, and adds the unpacked bytes.  Returns false when the data is corrupt. */
static bool add_unpacked(struct sum *sum, const struct unpacker *unpacker, const unsigned char *in,
                         size_t in_size, unsigned char *out)
{
    size_t written = PIECE_SIZE;
    while (in_size || written == PIECE_SIZE) {
        written = PIECE_SIZE;
        if (!unpack(unpacker, &in, &in_size, out, &written))
            return false;
        add(sum, out, written);
    }
    return true;
}

static bool is_complete(const struct unpacker *unpacker)
{
    return unpacker->inflate  ? inflate_is_complete(unpacker->inflate)
           : unpacker->unzstd ? unzstd_is_complete(unpacker->unzstd)
                              : true;
}

/* Reads the whole file, unpacked if UNPACKER is not empty. */
static bool read_whole(struct content *content, int fd, const struct unpacker *unpacker)
{
    unsigned char *piece = memory_resize(NULL, 2, PIECE_SIZE);
    struct sum sum = {.digester = digester_new()};
    bool is_packed = unpacker->inflate || unpacker->unzstd, is_right = true;
    uint64_t offset = 0;
    ssize_t count;
    while (is_right && (count = read_at(fd, piece, PIECE_SIZE, offset)) != 0) {
        is_right = count > 0;
        if (is_right && is_packed)
            is_right = add_unpacked(&sum, unpacker, piece, (size_t)count, piece + PIECE_SIZE);
        else if (is_right)
            add(&sum, piece, (size_t)count);
        offset += is_right ? (uint64_t)count : 0;
    }
    struct digest digest = digester_end(sum.digester);
    digester_free(sum.digester);
    free(piece);
    put(content->end, sum.crc, sum.length);
    digest_write(&digest, content->digest);
    return is_right && is_complete(unpacker);
}

/* Reads the whole text of packed data. */
static bool unpack_whole(struct content *content, int fd, enum packing packing)
{
    struct unpacker unpacker = {.inflate = packing == GZIP ? inflate_new() : NULL,
                                .unzstd = packing == ZSTD ? unzstd_new() : NULL};
    if (!unpacker.inflate && !unpacker.unzstd)
        memory_exhausted();
    if (unpacker.inflate)
        inflate_begin(unpacker.inflate);
    else
        unzstd_begin(unpacker.unzstd);
    bool done = read_whole(content, fd, &unpacker);
    inflate_free(unpacker.inflate);
    unzstd_free(unpacker.unzstd);
    return done;
}

/* Reads the trailer of gzip data.  Returns false when the trailer has the length 0, as of an empty
 * last member or of padding: then it says nothing about the log. */
static bool read_trailer(struct content *content, const unsigned char t[TRAILER_SIZE])
{
    uint32_t crc = t[0] | (uint32_t)t[1] << 8 | (uint32_t)t[2] << 16 | (uint32_t)t[3] << 24;
    uint32_t length = t[4] | (uint32_t)t[5] << 8 | (uint32_t)t[6] << 16 | (uint32_t)t[7] << 24;
    put(content->end, crc, length);
    return length;
}

bool content_find(struct content *content, int fd, uint64_t size, enum content_effort effort)
{
    unsigned char trailer[TRAILER_SIZE];
    enum packing packing = find_packing(fd, size);
    *content = (struct content){0};
    if (packing != NOT_PACKED && effort == CONTENT_BY_INFLATING)
        return unpack_whole(content, fd, packing);
    if (packing == GZIP) {
        if (read_at(fd, trailer, sizeof trailer, size - TRAILER_SIZE) != (ssize_t)sizeof trailer)
            return false;
        if (read_trailer(content, trailer))
            return true;
    }
    if (effort == CONTENT_BY_TRAILER || !read_whole(content, fd, &(struct unpacker){0}))
        return false;
    if (packing != NOT_PACKED)
        *content->digest = '\0'; /* the digest of packed bytes is none of the text */
    return true;
}

bool content_is_plain(const char *end, uint64_t size)
{
    unsigned long length;
    return sscanf(end, "%*8x %lu", &length) == 1 && length == (size & UINT32_MAX);
}
