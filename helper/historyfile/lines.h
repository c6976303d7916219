/* The lines of a file, whose bytes are digested. */
#ifndef HISTORYFILE_LINES_H
#define HISTORYFILE_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "text/digest.h"

struct history_lines {
    int fd;
    char *bytes;
    size_t capacity, at,
        size; /* of the bytes that were read: where the next line begins, where they end */
    uint64_t begin, next; /* where the current line, and the next one, begin in the file */
    uint64_t number;      /* of the current line, from 1 */
    struct digester *digester;
};

/* Takes over the descriptor. */
void history_lines_open(struct history_lines *lines, int fd);
void history_lines_close(struct history_lines *lines);

enum history_lines_result {
    HISTORY_LINES_FAILED, /* errno is set */
    HISTORY_LINES_END,
    HISTORY_LINES_LINE,
    HISTORY_LINES_CUT, /* the last line has no LF */
    HISTORY_LINES_LONG /* a line has more than LINE_MAX bytes */
};

/* Stores the next line without its LF, valid until the next call. */
enum history_lines_result history_lines_next(struct history_lines *lines, size_t line_max,
                                             char **line, size_t *size);

/* Whole lines of a file, with their LF. */
struct history_lines_block {
    const char *bytes; /* valid until the next call */
    size_t size;
    uint64_t place;  /* bytes from the file's start */
    uint64_t number; /* of the first line, from 1 */
    size_t lines;
};

/* Stores the next lines, as many as are in memory, up to one that begins with END: then none is stored. */
enum history_lines_result history_lines_next_block(struct history_lines *lines, size_t line_max,
                                                   const char *end,
                                                   struct history_lines_block *block);

#endif
