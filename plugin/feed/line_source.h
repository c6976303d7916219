/* Finds the lines of the normalized log: in the bytes that come through a descriptor, or in the blocks of a stream. */
#ifndef PLUGIN_FEED_LINE_SOURCE_H
#define PLUGIN_FEED_LINE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "normalized/stream.h"

enum { LINE_MAX_SIZE = 1 << 24 }; /* far above any record; a log has no longer line */

enum line_result {
    LINE_FOUND,
    LINE_END,         /* there are no more bytes */
    LINE_INTERRUPTED, /* a signal may have come while waiting for bytes */
    LINE_IS_CUT,      /* the log ends in the middle of a line */
    LINE_IS_LONG,     /* a line has more than LINE_MAX_SIZE bytes */
    LINE_NO_MEMORY,
    LINE_UNREADABLE /* errno says why */
};

struct log_line {
    const char *text;
    size_t size;                 /* with the LF */
    const struct record *record; /* the line, split; NULL: not known to be a record */
};

struct line_source {
    int fd;
    const struct normalized_stream *stream; /* in the place of fd; NULL without one */
    bool at_eof;
    char *buffer; /* of the bytes of fd */
    size_t capacity;
    struct normalized_block block; /* of the stream */
    size_t next_record;            /* of the block */
    size_t start, end;             /* of the buffer or the block: bytes that are not passed yet */
    size_t searched;               /* bytes from start on that have no LF */
};

/* Begins to read FD, or STREAM unless it is NULL.  Returns false when memory has run out. */
bool line_source_open(struct line_source *source, int fd, const struct normalized_stream *stream);
void line_source_close(struct line_source *source);

/* Finds the next line, which stays valid until the next call. */
enum line_result line_source_find(struct line_source *source, struct log_line *line);

/* Goes on behind a line that was found. */
void line_source_pass(struct line_source *source, const struct log_line *line);

#endif
