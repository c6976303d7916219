#include "historyfile/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory/allocate.h"

enum { PIECE = 256 * 1024 };

void history_lines_open(struct history_lines *lines, int fd)
{
    *lines = (struct history_lines){.fd = fd,
                                    .digester = digester_new(),
                                    .bytes = memory_allocate(2 * PIECE, 1),
                                    .capacity = 2 * PIECE};
    digester_begin(lines->digester);
}

void history_lines_close(struct history_lines *lines)
{
    close(lines->fd);
    free(lines->bytes);
    digester_free(lines->digester);
}

/* Moves the remaining bytes to the front, and reads a piece behind them.  Returns the number of bytes read; -1
 * with errno set. */
static ssize_t read_piece(struct history_lines *lines)
{
    size_t left = lines->size - lines->at;
    if (left)
        memmove(lines->bytes, lines->bytes + lines->at, left);
    lines->at = 0;
    lines->size = left;
    if (lines->capacity < left + PIECE) {
        lines->capacity = 2 * left + PIECE;
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

/* Reads until the bytes have the whole next line.  Stores the place of its LF. */
static enum history_lines_result find_line(struct history_lines *lines, size_t line_max, char **lf)
{
    for (size_t seen = 0;;) {
        char *begin = lines->bytes + lines->at;
        size_t there = lines->size - lines->at;
        *lf = there > seen ? memchr(begin + seen, '\n', there - seen) : NULL;
        if (*lf && (size_t)(*lf - begin) <= line_max)
            return HISTORY_LINES_LINE;
        if (*lf || there > line_max)
            return HISTORY_LINES_LONG;
        seen = there;
        ssize_t got = read_piece(lines);
        if (got <= 0)
            return got < 0 ? HISTORY_LINES_FAILED : there ? HISTORY_LINES_CUT : HISTORY_LINES_END;
    }
}

enum history_lines_result history_lines_next(struct history_lines *lines, size_t line_max,
                                             char **line, size_t *size)
{
    char *lf;
    enum history_lines_result result = find_line(lines, line_max, &lf);
    if (result != HISTORY_LINES_LINE)
        return result;
    *line = lines->bytes + lines->at;
    *size = (size_t)(lf - *line);
    lines->at += *size + 1;
    lines->begin = lines->next;
    lines->next += *size + 1;
    lines->number++;
    return result;
}

enum history_lines_result history_lines_next_block(struct history_lines *lines, size_t line_max,
                                                   const char *end,
                                                   struct history_lines_block *block)
{
    char *lf;
    enum history_lines_result result = find_line(lines, line_max, &lf);
    if (result != HISTORY_LINES_LINE)
        return result;
    const size_t end_size = strlen(end);
    const char *at = lines->bytes + lines->at, *last = lines->bytes + lines->size;
    *block = (struct history_lines_block){
        .bytes = at, .place = lines->next, .number = lines->number + 1};
    while (lf && ((size_t)(lf - at) < end_size || memcmp(at, end, end_size) != 0)) {
        block->lines++;
        at = lf + 1;
        lf = at < last ? memchr(at, '\n', (size_t)(last - at)) : NULL;
    }
    block->size = (size_t)(at - block->bytes);
    lines->at += block->size;
    lines->next += block->size;
    lines->number += block->lines;
    return result;
}
