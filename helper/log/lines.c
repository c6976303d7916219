#include "log/lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gzip/inflate.h"

/* Text is read or inflated after the unfinished line, which is at the start of the buffer. */
enum { TEXT_SIZE = 256 * 1024, BUFFER_SIZE = LINES_SIZE_MAX + 2 + TEXT_SIZE };

enum { MAGIC_SIZE = 2 };

struct lines {
    lines_take *take;
    void *context;
    struct inflate *inflate;
    struct digester *digester; /* NULL: none */
    enum { ENCODING_UNKNOWN, ENCODING_PLAIN, ENCODING_GZIP } encoding;
    unsigned char magic[MAGIC_SIZE]; /* an object's first bytes, until they tell the encoding */
    size_t magic_size;
    char *text;    /* BUFFER_SIZE bytes */
    size_t left;   /* bytes of an unfinished line, at the start of text */
    bool skipping; /* the rest of a line that was too long */
    uint64_t number;
    uint64_t inflated, max_inflated; /* bytes of the object; 0: no limit */
    char limit_error[160];
    const char *error;
};

struct lines *lines_new(lines_take *take, void *context)
{
    struct lines *lines = calloc(1, sizeof *lines);
    if (!lines)
        return NULL;
    lines->take = take;
    lines->context = context;
    lines->inflate = inflate_new();
    lines->text = malloc(BUFFER_SIZE);
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
    lines->skipping = false;
    lines->number = 0;
    lines->error = NULL;
    lines->inflated = 0;
    inflate_begin(lines->inflate);
    if (lines->digester)
        digester_begin(lines->digester);
}

const char *lines_error(const struct lines *lines)
{
    return lines->error;
}

uint64_t lines_number(const struct lines *lines)
{
    return lines->number;
}

static bool fail(struct lines *lines, const char *error)
{
    lines->error = error;
    return false;
}

static bool fail_on_limit(struct lines *lines)
{
    snprintf(lines->limit_error, sizeof lines->limit_error,
             "its gzip data inflates to more than %" PRIu64 " bytes, the limit of the setting "
             "max-inflated; raise it if this is a log, else delete the object",
             lines->max_inflated);
    return fail(lines, lines->limit_error);
}

/* Passes a line to the callback, without its LF. */
static bool take_line(struct lines *lines, const char *line, size_t size)
{
    static const char byte_order_mark[] = {'\xef', '\xbb', '\xbf'};
    lines->number++;
    if (size > LINES_SIZE_MAX)
        return lines->take(lines->context, line, LINES_SIZE_MAX, true);
    if (lines->number == 1 && size >= sizeof byte_order_mark &&
        !memcmp(line, byte_order_mark, sizeof byte_order_mark)) {
        line += sizeof byte_order_mark;
        size -= sizeof byte_order_mark;
    }
    if (size && line[size - 1] == '\r')
        size--;
    return !size || lines->take(lines->context, line, size, false);
}

/* Takes the complete lines of the text, SIZE bytes, and moves the rest to the start of the text. */
static bool take_lines(struct lines *lines, size_t size)
{
    const char *s = lines->text, *end = s + size, *lf;
    if (lines->digester)
        digester_add(lines->digester, s + lines->left, size - lines->left);
    for (; (lf = memchr(s, '\n', (size_t)(end - s))); s = lf + 1) {
        if (lines->skipping)
            lines->skipping = false;
        else if (!take_line(lines, s, (size_t)(lf - s)))
            return false;
    }
    lines->left = (size_t)(end - s);
    if (lines->left > LINES_SIZE_MAX + 1 && !lines->skipping) {
        if (!take_line(lines, s, lines->left))
            return false;
        lines->skipping = true;
    }
    if (lines->skipping)
        lines->left = 0;
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
        if (!take_lines(lines, lines->left + used))
            return false;
    }
    return true;
}

static bool feed_gzip(struct lines *lines, const unsigned char *piece, size_t size)
{
    size_t room, written;
    do {
        room = written = BUFFER_SIZE - lines->left;
        if (!inflate_run(lines->inflate, &piece, &size, (unsigned char *)lines->text + lines->left,
                         &written))
            return fail(lines, "corrupt gzip data; put a good copy in its place");
        lines->inflated += written;
        if (lines->max_inflated && lines->inflated > lines->max_inflated)
            return fail_on_limit(lines);
        if (!take_lines(lines, lines->left + written))
            return false;
    } while (size || written == room);
    return true;
}

static bool feed(struct lines *lines, const unsigned char *piece, size_t size)
{
    return lines->encoding == ENCODING_GZIP ? feed_gzip(lines, piece, size)
                                            : feed_plain(lines, piece, size);
}

bool lines_feed(struct lines *lines, const unsigned char *piece, size_t size)
{
    while (lines->encoding == ENCODING_UNKNOWN && size) {
        lines->magic[lines->magic_size++] = *piece++;
        size--;
        if (lines->magic_size < MAGIC_SIZE)
            continue;
        lines->encoding =
            inflate_is_gzip(lines->magic, MAGIC_SIZE) ? ENCODING_GZIP : ENCODING_PLAIN;
        if (!feed(lines, lines->magic, MAGIC_SIZE))
            return false;
    }
    return !size || feed(lines, piece, size);
}

bool lines_end(struct lines *lines)
{
    if (lines->encoding == ENCODING_UNKNOWN && lines->magic_size) {
        lines->encoding = ENCODING_PLAIN;
        if (!feed(lines, lines->magic, lines->magic_size))
            return false;
    }
    if (lines->encoding == ENCODING_GZIP && !inflate_is_complete(lines->inflate))
        return fail(lines, "truncated gzip data; put a complete copy in its place");
    size_t left = lines->left;
    lines->left = 0;
    return !left || take_line(lines, lines->text, left);
}
