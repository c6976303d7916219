#include "feed/line_source.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BUFFER_SIZE = 1 << 18,
    SIGNALS_MS = 1000, /* how long a signal may wait */
};

bool line_source_open(struct line_source *source, int fd, const struct normalized_stream *stream)
{
    *source = (struct line_source){.fd = fd, .stream = stream};
    if (stream)
        return true;
    source->capacity = BUFFER_SIZE;
    source->buffer = malloc(source->capacity);
    return source->buffer != NULL;
}

void line_source_close(struct line_source *source)
{
    free(source->buffer);
}

/* Makes room behind the bytes: moves them to the front, or makes the buffer larger. */
static enum line_result make_room(struct line_source *source)
{
    if (source->start > 0) {
        memmove(source->buffer, source->buffer + source->start, source->end - source->start);
        source->end -= source->start;
        source->start = 0;
    }
    if (source->end < source->capacity)
        return LINE_FOUND;
    if (source->capacity >= LINE_MAX_SIZE)
        return LINE_IS_LONG;
    char *larger = realloc(source->buffer, source->capacity * 2);
    if (!larger)
        return LINE_NO_MEMORY;
    source->buffer = larger;
    source->capacity *= 2;
    return LINE_FOUND;
}

/* Reads the available bytes: at least one, unless the log has ended.  A signal just before read() would not interrupt
 * read(), so the function also returns LINE_INTERRUPTED after SIGNALS_MS without bytes. */
static enum line_result fill(struct line_source *source)
{
    enum line_result result = source->end == source->capacity ? make_room(source) : LINE_FOUND;
    if (result != LINE_FOUND)
        return result;
    struct pollfd ready = {.fd = source->fd, .events = POLLIN};
    int count = poll(&ready, 1, SIGNALS_MS);
    if (count == 0 || (count < 0 && errno == EINTR))
        return LINE_INTERRUPTED;
    ssize_t got = read(source->fd, source->buffer + source->end, source->capacity - source->end);
    if (got < 0)
        return errno == EINTR ? LINE_INTERRUPTED : LINE_UNREADABLE;
    source->end += (size_t)got;
    source->at_eof = got == 0;
    return LINE_FOUND;
}

static enum line_result find_in_bytes(struct line_source *source, struct log_line *line)
{
    for (;;) {
        const char *from = source->buffer + source->start;
        size_t there = source->end - source->start;
        const char *lf = memchr(from + source->searched, '\n', there - source->searched);
        if (lf) {
            *line = (struct log_line){.text = from, .size = (size_t)(lf - from) + 1};
            return LINE_FOUND;
        }
        source->searched = there;
        if (source->at_eof)
            return there ? LINE_IS_CUT : LINE_END;
        enum line_result result = fill(source);
        if (result != LINE_FOUND)
            return result;
    }
}

/* Goes on to the next block. */
static enum line_result take_block(struct line_source *source)
{
    int got =
        source->at_eof ? 0 : source->stream->next(source->stream->user, &source->block, SIGNALS_MS);
    if (got < 0)
        return LINE_INTERRUPTED;
    source->at_eof = got == 0;
    source->start = source->next_record = 0;
    source->end = got ? source->block.size : 0;
    return got ? LINE_FOUND : LINE_END;
}

static enum line_result find_in_blocks(struct line_source *source, struct log_line *line)
{
    while (source->start == source->end) {
        enum line_result result = take_block(source);
        if (result != LINE_FOUND)
            return result;
    }
    const struct normalized_block *block = &source->block;
    const struct record *next = &block->record[source->next_record];
    const char *from = block->text + source->start;
    if (source->next_record < block->records && next->line == from) {
        *line = (struct log_line){.text = from, .size = next->size, .record = next};
        return LINE_FOUND;
    }
    const char *lf = memchr(from, '\n', source->end - source->start);
    if (!lf)
        return LINE_IS_CUT;
    *line = (struct log_line){.text = from, .size = (size_t)(lf - from) + 1};
    return line->size > LINE_MAX_SIZE ? LINE_IS_LONG : LINE_FOUND;
}

enum line_result line_source_find(struct line_source *source, struct log_line *line)
{
    return source->stream ? find_in_blocks(source, line) : find_in_bytes(source, line);
}

void line_source_pass(struct line_source *source, const struct log_line *line)
{
    source->start += line->size;
    source->searched = 0;
    source->next_record += line->record != NULL;
}
