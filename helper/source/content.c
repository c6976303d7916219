#include "source/content.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "gzip/inflate.h"
#include "memory/allocate.h"

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

/* Reads SIZE bytes at OFFSET, or fewer at the end of the file; -1: failed. */
static ssize_t read_at(int fd, unsigned char *data, size_t size, uint64_t offset)
{
    ssize_t count;
    do
        count = pread(fd, data, size, (off_t)offset);
    while (count < 0 && errno == EINTR);
    return count;
}

static bool is_gzip(int fd)
{
    unsigned char magic[2];
    return read_at(fd, magic, sizeof magic, 0) == (ssize_t)sizeof magic &&
           inflate_is_gzip(magic, sizeof magic);
}

/* Adds the bytes that a piece of gzip data inflates to.  Returns false when it is corrupt. */
static bool add_inflated(struct sum *sum, struct inflate *inflate, const unsigned char *in,
                         size_t in_size, unsigned char *out)
{
    size_t written = PIECE_SIZE;
    while (in_size || written == PIECE_SIZE) {
        written = PIECE_SIZE;
        if (!inflate_run(inflate, &in, &in_size, out, &written))
            return false;
        add(sum, out, written);
    }
    return true;
}

/* Reads the whole file; INFLATE: NULL for its bytes as they are. */
static bool read_whole(struct content *content, int fd, struct inflate *inflate)
{
    unsigned char *piece = memory_resize(NULL, 2, PIECE_SIZE);
    struct sum sum = {.digester = digester_new()};
    uint64_t offset = 0;
    ssize_t count;
    bool is_right = true;
    while (is_right && (count = read_at(fd, piece, PIECE_SIZE, offset)) != 0) {
        is_right = count > 0;
        if (is_right && inflate)
            is_right = add_inflated(&sum, inflate, piece, (size_t)count, piece + PIECE_SIZE);
        else if (is_right)
            add(&sum, piece, (size_t)count);
        offset += is_right ? (uint64_t)count : 0;
    }
    struct digest digest = digester_end(sum.digester);
    digester_free(sum.digester);
    free(piece);
    put(content->end, sum.crc, sum.length);
    digest_write(&digest, content->digest);
    return is_right && (!inflate || inflate_is_complete(inflate));
}

/* Reads the trailer of gzip data.  Returns false when it tells nothing: the last member is empty, or
 * what looks like its trailer is padding. */
static bool read_trailer(struct content *content, const unsigned char t[TRAILER_SIZE])
{
    uint32_t crc = t[0] | (uint32_t)t[1] << 8 | (uint32_t)t[2] << 16 | (uint32_t)t[3] << 24;
    uint32_t length = t[4] | (uint32_t)t[5] << 8 | (uint32_t)t[6] << 16 | (uint32_t)t[7] << 24;
    put(content->end, crc, length);
    return length;
}

/* Reads the whole of gzip data. */
static bool inflate_whole(struct content *content, int fd)
{
    struct inflate *inflate = inflate_new();
    if (!inflate)
        memory_exhausted();
    inflate_begin(inflate);
    bool done = read_whole(content, fd, inflate);
    inflate_free(inflate);
    return done;
}

bool content_find(struct content *content, int fd, uint64_t size, enum content_effort effort)
{
    unsigned char trailer[TRAILER_SIZE];
    *content = (struct content){0};
    bool is_compressed = size >= MEMBER_MIN && is_gzip(fd);
    if (is_compressed && effort == CONTENT_BY_INFLATING)
        return inflate_whole(content, fd);
    if (is_compressed) {
        if (read_at(fd, trailer, sizeof trailer, size - TRAILER_SIZE) != (ssize_t)sizeof trailer)
            return false;
        if (read_trailer(content, trailer))
            return true;
    }
    return effort != CONTENT_BY_TRAILER && read_whole(content, fd, NULL);
}

bool content_is_plain(const char *end, uint64_t size)
{
    unsigned long length;
    return sscanf(end, "%*8x %lu", &length) == 1 && length == (size & UINT32_MAX);
}
