#include "log/lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gzip/inflate.h"
#include "log/banner.h"
#include "normalized/ascii.h"
#include "zstd/unzstd.h"

/* Text is read or inflated after the unfinished line, which is at the start of the buffer. */
enum { TEXT_SIZE = 256 * 1024, BUFFER_SIZE = LINES_SIZE_MAX + 2 + TEXT_SIZE };

/* The first bytes of an object that tell its encoding: bzip2 needs the most. */
enum { MAGIC_SIZE = 10 };

struct lines {
    const struct lines_taker *taker;
    void *user;
    struct inflate *inflate;
    struct digester *digester; /* NULL: none */
    struct unzstd *unzstd;     /* made for the first zstd data */
    struct lines *inner; /* takes what is compressed once more; made for the first such data */
    bool is_inner;
    bool has_inner; /* the object is compressed twice, and the inner lines take it */
    enum { ENCODING_UNKNOWN, ENCODING_PLAIN, ENCODING_GZIP, ENCODING_ZSTD } encoding;
    unsigned char magic[MAGIC_SIZE]; /* an object's first bytes, if they come in shorter pieces */
    size_t magic_size;
    char *text;  /* BUFFER_SIZE bytes, and LINES_SLACK */
    size_t left; /* bytes of an unfinished line or value, at the start of text */
    bool has_unit;
    enum lines_unit unit;
    const char *from; /* where the taker begins again */
    size_t wanted;    /* bytes without which an unfinished value is not looked at again */
    bool skipping;    /* the rest of a line that was too long */
    bool is_unended;  /* lines_is_unended() */
    bool is_first;    /* the object or a line of blanks is before the next line */
    uint64_t number;
    uint64_t inflated, max_inflated; /* bytes of the object; 0: no limit */
    bool is_packed_otherwise;        /* lines_is_packed_otherwise() */
    char limit_error[176];
    const char *error;
};

struct lines *lines_new(const struct lines_taker *taker, void *user)
{
    struct lines *lines = calloc(1, sizeof *lines);
    if (!lines)
        return NULL;
    lines->taker = taker;
    lines->user = user;
    lines->inflate = inflate_new();
    lines->text = malloc(BUFFER_SIZE + LINES_SLACK);
    if (!lines->inflate || !lines->text) {
        lines_free(lines);
        return NULL;
    }
    return lines;
}

void lines_free(struct lines *lines)
{
    if (!lines)
        return;
    inflate_free(lines->inflate);
    unzstd_free(lines->unzstd);
    lines_free(lines->inner);
    free(lines->text);
    free(lines);
}

void lines_set_max_inflated(struct lines *lines, uint64_t bytes)
{
    lines->max_inflated = bytes;
}

void lines_set_digester(struct lines *lines, struct digester *digester)
{
    lines->digester = digester;
}

void lines_begin(struct lines *lines)
{
    lines->encoding = ENCODING_UNKNOWN;
    lines->magic_size = lines->left = 0;
    lines->has_unit = lines->skipping = lines->is_packed_otherwise = false;
    lines->has_inner = lines->is_unended = false;
    lines->is_first = true;
    lines->wanted = 0;
    lines->number = 0;
    lines->error = NULL;
    lines->inflated = 0;
    inflate_begin(lines->inflate);
    if (lines->digester)
        digester_begin(lines->digester);
}

const char *lines_error(const struct lines *lines)
{
    return lines->has_inner && !lines->error ? lines->inner->error : lines->error;
}

bool lines_is_packed_otherwise(const struct lines *lines)
{
    return lines->is_packed_otherwise || (lines->has_inner && lines->inner->is_packed_otherwise);
}

bool lines_is_unended(const struct lines *lines)
{
    return lines->has_inner ? lines->inner->is_unended : lines->is_unended;
}

uint64_t lines_number(const struct lines *lines)
{
    return lines->has_inner ? lines->inner->number : lines->number;
}

static bool fail(struct lines *lines, const char *error)
{
    lines->error = error;
    return false;
}

static bool fail_on_limit(struct lines *lines)
{
    snprintf(lines->limit_error, sizeof lines->limit_error,
             "its compressed data inflates to more than %" PRIu64
             " bytes, the limit of the setting \"max-inflated\"; raise it if this is a log, else "
             "delete the object",
             lines->max_inflated);
    return fail(lines, lines->limit_error);
}

const char lines_mark[LINES_MARK_SIZE] = {'\xef', '\xbb', '\xbf'};

static bool begins_with_mark(const char *s, size_t size)
{
    return size >= LINES_MARK_SIZE && !memcmp(s, lines_mark, LINES_MARK_SIZE);
}

/* Counts the lines of a banner at the start of a text, up to END.  Returns its size, as banner_find(). */
static size_t pass_banner(struct lines *lines, const char *s, const char *end, bool is_end)
{
    size_t size = banner_find(s, end, is_end, lines->is_first);
    for (size_t i = 0; size != BANNER_MORE && i < size; i++)
        lines->number += s[i] == '\n';
    return size;
}

/* Skips byte order marks, lines of blanks and banners, and chooses the unit by the bytes behind them.  Returns the
 * place of these bytes. */
static const char *begin(struct lines *lines, const char *s, const char *end, bool is_end)
{
    size_t passed;
    do {
        for (const char *next = s; next < end && ascii_is_white(*next); next++) {
            if (*next != '\n' && *next != '\r')
                continue;
            lines->number += *next == '\n';
            s = next + 1;
        }
        if ((size_t)(end - s) < LINES_MARK_SIZE && !is_end)
            return s;
        bool has_mark = begins_with_mark(s, (size_t)(end - s));
        passed = has_mark ? LINES_MARK_SIZE : pass_banner(lines, s, end, is_end);
        if (passed == BANNER_MORE)
            return s;
        s += passed;
    } while (passed);
    size_t size = (size_t)(end - s);
    if (size >= LINES_HEAD || (is_end && size)) {
        lines->unit = lines->taker->begin(lines->user, s, size < LINES_HEAD ? size : LINES_HEAD);
        lines->has_unit = true;
    }
    return s;
}

static bool is_blank(const char *line, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!ascii_is_blank(line[i]))
            return false;
    return true;
}

/* Passes a line to the taker, without its LF. */
static bool take_line(struct lines *lines, const char *line, size_t size)
{
    lines->number++;
    if (size > LINES_SIZE_MAX)
        return lines->taker->line(lines->user, line, LINES_SIZE_MAX, true);
    if (size && line[size - 1] == '\r')
        size--;
    /* Where files were joined, another mark may stand before the first line of one. */
    if (begins_with_mark(line, size)) {
        line += LINES_MARK_SIZE;
        size -= LINES_MARK_SIZE;
    }
    lines->is_first = is_blank(line, size);
    return lines->is_first || lines->taker->line(lines->user, line, size, false);
}

void lines_begin_again(struct lines *lines, const char *from)
{
    if (lines->has_inner)
        lines = lines->inner;
    lines->from = from;
    lines->has_unit = false;
    lines->wanted = 0;
}

/* Returns the place in a line where the taker begins again. */
static const char *again(struct lines *lines)
{
    lines->number--;
    return lines->from;
}

/* Takes the complete lines of a text.  Returns the place after them, or where the taker begins again; NULL when the
 * taker stops. */
static const char *take_lines(struct lines *lines, const char *s, const char *end, bool is_end)
{
    const char *lf;
    for (; (lf = memchr(s, '\n', (size_t)(end - s))); s = lf + 1) {
        size_t banner = 0;
        const char *place =
            !lines->skipping && lf - s <= LINES_SIZE_MAX ? banner_place(s, lf) : NULL;
        if (place && (banner = banner_find(place, end, is_end, lines->is_first)) == BANNER_MORE)
            return s;
        bool has_line = !lines->skipping && !(banner && place == s);
        lines->skipping = false;
        if (has_line && !take_line(lines, s, (size_t)((banner ? place : lf) - s)))
            return NULL;
        if (!lines->has_unit)
            return again(lines);
        if (banner) {
            lines->number -= has_line; /* the banner begins in its line */
            lf = place + pass_banner(lines, place, end, is_end) - 1;
        }
    }
    size_t left = (size_t)(end - s);
    if (!lines->skipping && left && (is_end || left > LINES_SIZE_MAX + 1)) {
        lines->is_unended = is_end;
        if (!take_line(lines, s, left))
            return NULL;
        if (!lines->has_unit)
            return again(lines);
        lines->skipping = true;
    }
    return lines->skipping ? end : s;
}

/* Whether the bytes of a value end with a line of blanks. */
static bool ends_with_blanks(const char *s, const char *end)
{
    size_t count = 0;
    for (; end > s && ascii_is_white(end[-1]); end--)
        count += end[-1] == '\n';
    return end > s ? count > 1 : count > 0;
}

/* Takes the complete values of a text.  Returns as above. */
static const char *take_values(struct lines *lines, const char *s, const char *end, bool is_end)
{
    if ((size_t)(end - s) < lines->wanted && !is_end)
        return s;
    lines->wanted = 0;
    while (s < end) {
        size_t banner = pass_banner(lines, s, end, is_end);
        if (banner == BANNER_MORE)
            return s;
        if (banner) {
            s += banner;
            continue;
        }
        size_t shown = (size_t)(end - s), left = shown;
        if (shown > LINES_VALUE_MAX)
            shown = LINES_VALUE_MAX; /* so that values do not depend on the pieces */
        lines->number++;             /* of the line, for the taker */
        size_t size = lines->taker->value(lines->user, s, shown, is_end && shown == left);
        lines->number--;
        if (size == LINES_STOP)
            return NULL;
        if (!lines->has_unit)
            return lines->from;
        if (!size)
            break;
        for (const char *lf = s; (lf = memchr(lf, '\n', (size_t)(s + size - lf))); lf++)
            lines->number++;
        s += size;
        lines->is_first = ends_with_blanks(s - size, s);
    }
    lines->wanted = 2 * (size_t)(end - s); /* so that a long value is looked at a few times */
    if (lines->wanted > LINES_VALUE_MAX)
        lines->wanted = LINES_VALUE_MAX;
    return s;
}

/* Takes the complete units of a text.  Returns as above. */
static const char *take_units(struct lines *lines, const char *s, const char *end, bool is_end)
{
    if (lines->unit == LINES_LINE)
        return take_lines(lines, s, end, is_end);
    if (lines->unit == LINES_VALUE)
        return take_values(lines, s, end, is_end);
    return lines->taker->piece(lines->user, s, (size_t)(end - s)) ? end : NULL;
}

/* Takes the complete units of the text, SIZE bytes, and moves the rest to the start of the text. */
static bool take_text(struct lines *lines, size_t size, bool is_end)
{
    const char *s = lines->text, *end = s + size;
    if (lines->digester)
        digester_add(lines->digester, s + lines->left, size - lines->left);
    do {
        if (!lines->has_unit)
            s = begin(lines, s, end, is_end);
        if (!lines->has_unit)
            break;
        s = take_units(lines, s, end, is_end);
    } while (s && !lines->has_unit);
    if (!s)
        return false;
    lines->left = (size_t)(end - s);
    memmove(lines->text, s, lines->left);
    return true;
}

static bool feed_plain(struct lines *lines, const unsigned char *piece, size_t size)
{
    while (size) {
        size_t room = BUFFER_SIZE - lines->left, used = size < room ? size : room;
        memcpy(lines->text + lines->left, piece, used);
        piece += used;
        size -= used;
        if (!take_text(lines, lines->left + used, false))
            return false;
    }
    return true;
}

/* Decompresses the next bytes of a piece, as inflate_run(). */
static bool unpack(struct lines *lines, const unsigned char **piece, size_t *size,
                   unsigned char *out, size_t *written)
{
    if (lines->encoding == ENCODING_GZIP)
        return inflate_run(lines->inflate, piece, size, out, written) ||
               fail(lines, "corrupt gzip data; put a good copy in its place");
    return unzstd_run(lines->unzstd, piece, size, out, written) ||
           fail(lines, unzstd_error(lines->unzstd));
}

/* Begins to decompress the first decompressed bytes, at the start of the text, if they are compressed data, too:
 * some programs compress compressed data.  Data that was compressed three times is binary data. */
static bool begin_inner(struct lines *lines, size_t size)
{
    const unsigned char *text = (const unsigned char *)lines->text;
    if (lines->is_inner || lines->inflated != size ||
        !(inflate_is_gzip(text, size) || unzstd_is_zstd(text, size)))
        return true;
    if (!lines->inner && !(lines->inner = lines_new(lines->taker, lines->user)))
        return fail(lines,
                    "out of memory for the data of this log, which was compressed twice; free "
                    "memory, and run the command again");
    lines->inner->is_inner = true;
    lines_set_digester(lines->inner, lines->digester);
    lines_set_max_inflated(lines->inner, lines->max_inflated);
    lines_begin(lines->inner);
    lines->has_inner = true;
    return true;
}

static bool feed_packed(struct lines *lines, const unsigned char *piece, size_t size)
{
    size_t room, written;
    do {
        room = written = BUFFER_SIZE - lines->left;
        if (!unpack(lines, &piece, &size, (unsigned char *)lines->text + lines->left, &written))
            return false;
        lines->inflated += written;
        if (lines->max_inflated && lines->inflated > lines->max_inflated)
            return fail_on_limit(lines);
        if (written && !begin_inner(lines, written))
            return false;
        if (lines->has_inner
                ? !lines_feed(lines->inner, (const unsigned char *)lines->text, written)
                : !take_text(lines, lines->left + written, false))
            return false;
    } while (size || written == room);
    return true;
}

static bool feed(struct lines *lines, const unsigned char *piece, size_t size)
{
    return lines->encoding == ENCODING_PLAIN ? feed_plain(lines, piece, size)
                                             : feed_packed(lines, piece, size);
}

/* Returns whether data begins as bzip2 writes it: BZh, the size of a block, and the first block, or the end of data
 * without a block.  Text may begin with the first four bytes. */
static bool is_bzip2(const unsigned char *s, size_t size)
{
    enum { BLOCK_AT = 4, BLOCK_SIZE = 6 };
    static const char block[] = "\x31\x41\x59\x26\x53\x59", end[] = "\x17\x72\x45\x38\x50\x90";
    return size >= BLOCK_AT + BLOCK_SIZE && !memcmp(s, "BZh", 3) && s[3] >= '1' && s[3] <= '9' &&
           (!memcmp(s + BLOCK_AT, block, BLOCK_SIZE) || !memcmp(s + BLOCK_AT, end, BLOCK_SIZE));
}

/* Returns the error of data that another program has compressed; NULL: it is not. */
static const char *find_other_packer(const unsigned char *s, size_t size)
{
    static const struct {
        unsigned char magic[UNZSTD_MAGIC_SIZE];
        size_t size;
        const char *error;
    } packers[] = {
        {{0xfd, '7', 'z', 'X'},
         4,
         "xz data, which is not read; decompress it, or compress it with gzip or zstd"},
        {{'P', 'K', 3, 4}, 4, "a ZIP archive, which is not read; put its files in its place"},
        {{0xff, 6, 0, 0},
         4,
         "Snappy data, which is not read; decompress it, or compress it with gzip or zstd"},
        {{4, 0x22, 0x4d, 0x18},
         4,
         "LZ4 data, which is not read; decompress it, or compress it with gzip or zstd"},
    };
    for (size_t i = 0; i < sizeof packers / sizeof *packers; i++)
        if (size >= packers[i].size && !memcmp(s, packers[i].magic, packers[i].size))
            return packers[i].error;
    return is_bzip2(s, size)
               ? "bzip2 data, which is not read; decompress it, or compress it with gzip or zstd"
               : NULL;
}

/* Finds the encoding by the object's first bytes. */
static bool find_encoding(struct lines *lines, const unsigned char *magic, size_t size)
{
    const char *error = find_other_packer(magic, size);
    lines->is_packed_otherwise = error != NULL;
    if (error)
        return fail(lines, error);
    lines->encoding = ENCODING_PLAIN;
    if (inflate_is_gzip(magic, size)) {
        lines->encoding = ENCODING_GZIP;
    } else if (unzstd_is_zstd(magic, size)) {
        lines->encoding = ENCODING_ZSTD;
        if (!lines->unzstd && !(lines->unzstd = unzstd_new()))
            return fail(lines, "out of memory for the zstd data of this log; free memory, and run "
                               "the command again");
        unzstd_begin(lines->unzstd);
    }
    return true;
}

/* The same with the bytes that came one by one, and takes these. */
static bool begin_with_magic(struct lines *lines)
{
    return find_encoding(lines, lines->magic, lines->magic_size) &&
           feed(lines, lines->magic, lines->magic_size);
}

bool lines_feed(struct lines *lines, const unsigned char *piece, size_t size)
{
    /* Mostly a piece is the whole object, and inflated at once if it stays whole. */
    if (lines->encoding == ENCODING_UNKNOWN && !lines->magic_size && size >= MAGIC_SIZE &&
        !find_encoding(lines, piece, MAGIC_SIZE))
        return false;
    while (lines->encoding == ENCODING_UNKNOWN && size) {
        lines->magic[lines->magic_size++] = *piece++;
        size--;
        if (lines->magic_size == MAGIC_SIZE && !begin_with_magic(lines))
            return false;
    }
    return !size || feed(lines, piece, size);
}

bool lines_end(struct lines *lines)
{
    if (lines->encoding == ENCODING_UNKNOWN && lines->magic_size && !begin_with_magic(lines))
        return false;
    if (lines->encoding == ENCODING_GZIP && !inflate_is_complete(lines->inflate))
        return fail(lines, "truncated gzip data; put a complete copy in its place");
    if (lines->encoding == ENCODING_ZSTD && !unzstd_is_complete(lines->unzstd))
        return fail(lines, "truncated zstd data; put a complete copy in its place");
    return lines->has_inner ? lines_end(lines->inner) : take_text(lines, lines->left, true);
}
