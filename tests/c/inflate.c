/* gzip/inflate: compared with zlib, on members of every kind, cut and damaged at every byte. */
#include <stdlib.h>
#include <zlib.h>

#include "gzip/inflate.h"
#include "stride.h"
#include "tap.h"

static struct inflate *inflater;
static z_stream
    zlib; /* one stream for all data: to make one takes longer than to inflate a small member */

/* The output of gzip/inflate and of zlib. */
static unsigned char our_output[1 << 21], zlib_output[1 << 21];

struct bytes {
    unsigned char *data;
    size_t size;
};

/* One gzip member with all that RFC 1952 lets its header hold. */
static struct bytes make_member(const char *text, size_t size, bool full_header, int level)
{
    struct bytes bytes = {malloc(compressBound((uLong)size) + 256), 0};
    z_stream stream = {0};
    gz_header header = {.text = 1,
                        .extra = (Bytef *)"extra data",
                        .extra_len = 10,
                        .name = (Bytef *)"E123.2026-10-31-23.log",
                        .comment = (Bytef *)"a comment",
                        .hcrc = 1};
    deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    if (full_header)
        deflateSetHeader(&stream, &header);
    stream.next_in = (Bytef *)text;
    stream.avail_in = (uInt)size;
    stream.next_out = bytes.data;
    stream.avail_out = (uInt)(compressBound((uLong)size) + 256);
    deflate(&stream, Z_FINISH);
    bytes.size = stream.total_out;
    deflateEnd(&stream);
    return bytes;
}

static struct bytes join(struct bytes a, struct bytes b)
{
    struct bytes both = {malloc(a.size + b.size + 1), a.size + b.size};
    memcpy(both.data, a.data, a.size);
    memcpy(both.data + a.size, b.data, b.size);
    return both;
}

/* Inflates by pieces of PIECE bytes into ROOM bytes at once.  Returns false for bad data.  OUT is
 * good until the next call. */
static bool inflate_all(struct bytes in, size_t piece, size_t room, struct bytes *out)
{
    unsigned char *buffer = malloc(room);
    bool good = true;
    *out = (struct bytes){our_output, 0};
    inflate_begin(inflater);
    for (size_t at = 0; good && at < in.size; at += piece) {
        size_t left = in.size - at < piece ? in.size - at : piece, written;
        unsigned char *copy = malloc(left); /* a sanitizer sees reads behind it */
        const unsigned char *s = copy;
        memcpy(copy, in.data + at, left);
        do {
            written = room;
            good = inflate_run(inflater, &s, &left, buffer, &written);
            if (out->size + written <= sizeof our_output)
                memcpy(out->data + out->size, buffer, written);
            out->size += written;
        } while (good && (left || written == room));
        free(copy);
    }
    free(buffer);
    return good && inflate_is_complete(inflater);
}

/* Inflates with zlib: members in a row, and zeros behind them.  Returns false for bad data. */
static bool zlib_all(struct bytes in, struct bytes *out)
{
    int result = Z_STREAM_END;
    *out = (struct bytes){zlib_output, 0};
    zlib.next_in = in.data;
    zlib.avail_in = (uInt)in.size;
    bool any = false;
    while (zlib.avail_in) {
        if (any && *zlib.next_in == 0) {
            while (zlib.avail_in && *zlib.next_in == 0)
                zlib.next_in++, zlib.avail_in--;
            if (zlib.avail_in)
                result = Z_DATA_ERROR;
            break;
        }
        inflateReset(&zlib);
        zlib.next_out = out->data + out->size;
        zlib.avail_out = (uInt)(sizeof zlib_output - out->size);
        result = inflate(&zlib, Z_FINISH);
        out->size = sizeof zlib_output - zlib.avail_out;
        if (result != Z_STREAM_END)
            break;
        any = true;
    }
    return result == Z_STREAM_END;
}

static bool same_as_zlib(struct bytes in, size_t piece, size_t room)
{
    struct bytes ours, theirs;
    bool good = inflate_all(in, piece, room, &ours), good_zlib = zlib_all(in, &theirs);
    bool same = good == good_zlib &&
                (!good || (ours.size == theirs.size && !memcmp(ours.data, theirs.data, ours.size)));
    return same;
}

static void test_pieces(const char *name, struct bytes in)
{
    static const size_t sizes[] = {1, 2, 3, 7, 8, 9, 64, 1000, 1 << 20};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    /* Of data that takes long, the pairs of sizes are the cases. */
    bool is_small = in.size < 4000;
    size_t step = is_small ? 1 : stride(1, 7);
    int wrong = 0;
    for (size_t pair = 0; pair < SIZES * SIZES; pair += step)
        if ((pair / SIZES && pair % SIZES) || is_small)
            wrong += !same_as_zlib(in, sizes[pair / SIZES], sizes[pair % SIZES]);
    ok(!wrong, "%s: right in pieces and rooms of any size (%d wrong)", name, wrong);
}

static void test_damage(const char *name, struct bytes in)
{
    int wrong = 0, accepted = 0;
    for (size_t size = 1; size < in.size; size += stride(1, 7)) {
        struct bytes cut = {in.data, size};
        wrong += !same_as_zlib(cut, size, 4096);
        wrong += !same_as_zlib(cut, 5, 100);
    }
    ok(!wrong, "%s: cut at every byte (%d wrong)", name, wrong);
    /* zlib also refuses the reserved flags of a header, which change nothing. */
    struct bytes output, damaged;
    zlib_all(in, &output);
    struct bytes whole = join(output, (struct bytes){output.data, 0});
    wrong = 0;
    size_t turned = 0;
    for (size_t i = 0; i < in.size * 8; i += stride(1, 7), turned++) {
        in.data[i / 8] ^= (unsigned char)(1 << i % 8);
        bool good = inflate_all(in, 11, 333, &damaged);
        bool harmless = damaged.size == whole.size && !memcmp(damaged.data, whole.data, whole.size);
        if (!(good && harmless))
            wrong += !same_as_zlib(in, in.size, 4096);
        wrong += inflate_all(in, in.size, 4096, &damaged) != good; /* at once as in pieces */
        accepted += good;
        in.data[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    free(whole.data);
    ok(!wrong, "%s: every bit turned over, as zlib judges (%d otherwise)", name, wrong);
    printf("# %d of %zu turned bits are harmless\n", accepted, turned);
}

int main(void)
{
    size_t size = 300000;
    char *text = malloc(size);
    unsigned long long state = 4711;
    for (size_t i = 0; i < size; i++)
        text[i] = (char)(i % 7 ? 'a' + (char)(i % 20) : (char)(next_random(&state) % 96 + 32));
    inflater = inflate_new();
    inflateInit2(&zlib, 15 + 16);

    struct bytes none = make_member(text, 0, false, 6), small = make_member(text, 500, true, 9);
    struct bytes large = make_member(text, size, false, 6),
                 stored = make_member(text, 700, true, 0);
    struct bytes padding = {(unsigned char *)"\0\0\0\0\0\0\0\0\0\0", 10};
    struct bytes garbage = {(unsigned char *)"x", 1}, late = {(unsigned char *)"\0\0\0x", 4};
    struct bytes two = join(small, stored), three = join(two, none), four = join(none, three);
    struct bytes padded = join(four, padding), behind = join(small, garbage);
    struct bytes behind_padding = join(small, late), large_two = join(large, small);

    test_pieces("an empty member", none);
    test_pieces("a small member", small);
    test_pieces("a stored member", stored);
    test_pieces("a large member", large);
    test_pieces("four members", four);
    test_pieces("members and padding", padded);
    test_pieces("garbage behind", behind);
    test_pieces("garbage behind padding", behind_padding);
    test_pieces("a large and a small member", large_two);
    test_damage("a small member", small);
    test_damage("members and padding", padded);

    struct bytes out;
    ok(!inflate_all(behind, 100, 4096, &out), "garbage behind a member is an error");
    ok(inflate_all(padded, 100, 4096, &out) && out.size == 1200, "zeros behind a member are not");

    free(none.data), free(small.data), free(large.data), free(stored.data), free(two.data);
    free(three.data), free(four.data), free(padded.data), free(behind.data);
    free(behind_padding.data), free(large_two.data), free(text);
    inflate_free(inflater);
    inflateEnd(&zlib);
    return done_testing();
}
