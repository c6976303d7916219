#include "historyfile/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory/allocate.h"

enum { PIECE = 256 * 1024 };

void history_lines_open(struct history_lines *lines, int fd)
{
    *lines = (struct history_lines){.fd = fd, .digester = digester_new()};
    digester_begin(lines->digester);
}

void history_lines_close(struct history_lines *lines)
{
    close(lines->fd);
    free(lines->bytes);
    digester_free(lines->digester);
}

/* Reads a piece behind the bytes that are left, which it moves to the front.  Returns how many bytes it has read; -1
 * with errno set. */
static ssize_t read_piece(struct history_lines *lines)
{
    size_t left = lines->size - lines->at;
    if (left)
        memmove(lines->bytes, lines->bytes + lines->at, left);
    lines->at = 0;
    lines->size = left;
    if (lines->capacity < left + PIECE) {
        lines->capacity = left < PIECE ? 2 * PIECE : 2 * left + PIECE;
        lines->bytes = memory_resize(lines->bytes, lines->capacity, 1);
    }
    ssize_t got;
    do
        got = read(lines->fd, lines->bytes + left, PIECE);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        digester_add(lines->digester, lines->bytes + left, (size_t)got);
        lines->size += (size_t)got;
    }
    return got;
}

enum history_lines_result history_lines_next(struct history_lines *lines, size_t line_max,
                                             char **line, size_t *size)
{
    for (size_t seen = 0;;) {
        char *begin = lines->bytes + lines->at;
        size_t there = lines->size - lines->at;
        char *end = there > seen ? memchr(begin + seen, '\n', there - seen) : NULL;
        if (end && (size_t)(end - begin) <= line_max) {
            *line = begin;
            *size = (size_t)(end - begin);
            lines->at += *size + 1;
            lines->begin = lines->next;
            lines->next += *size + 1;
            lines->number++;
            return HISTORY_LINES_LINE;
        }
        if (end || there > line_max)
            return HISTORY_LINES_LONG;
        seen = there;
        ssize_t got = read_piece(lines);
        if (got <= 0)
            return got < 0 ? HISTORY_LINES_FAILED : there ? HISTORY_LINES_CUT : HISTORY_LINES_END;
    }
}
