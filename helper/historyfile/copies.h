/* The lines of a section that are copied from the inputs to the output as they are: those whose key no other line has,
 * and that nothing else changes.  They stay in the inputs until then, in blocks (block.h). */
#ifndef HISTORYFILE_COPIES_H
#define HISTORYFILE_COPIES_H

#include "historyfile/block.h"
#include "historyfile/first.h"
#include "historyfile/writer.h"
#include "text/buffer.h"

struct history_copies;

/* How many lines and blocks all sections have.  Zeroed at birth. */
struct history_copied {
    uint64_t lines;
    size_t blocks;
};

/* Makes copies without a line.  ALL must last as long. */
struct history_copies *history_copies_new(const struct history_section *section,
                                          struct history_copied *all);
void history_copies_free(struct history_copies *copies); /* NULL is allowed */

/* Takes over a block and stores its first_line.  Returns false when there are too many lines or blocks for the memory:
 * then the block stays the caller's. */
bool history_copies_add(struct history_copies *copies, struct history_block *block);

/* Returns a bit for each line, all zero: it will be set for a line that is not copied.  Is called once all blocks are
 * added. */
uint8_t *history_copies_bits(struct history_copies *copies);

/* What is called for the lines. */
struct history_copies_visitor {
    void *user;
    /* For a block that is copied whole so far.  Returns false when its lines must be visited. */
    bool (*pass)(void *user, const struct history_block *block);
    /* For a line that is copied.  Clears *IS_COPIED when the line is not.  Returns false, with the error, to stop. */
    bool (*visit)(void *user, struct history_row *row, const struct history_line *line,
                  bool *is_copied, struct buffer *error);
    /* For a line that is not.  Returns false, with the error, to stop. */
    bool (*leave_out)(void *user, const char *line, size_t size, struct buffer *error);
};

/* Visits all lines.  Returns false with one line in ERROR when that or the visitor failed. */
bool history_copies_visit(struct history_copies *copies,
                          const struct history_copies_visitor *visitor, struct buffer *error);

/* The line with this number is not copied. */
void history_copies_leave_out(struct history_copies *copies, uint64_t line);

/* Copies the lines.  Returns false with one line in ERROR when an input cannot be read or was changed; an error of the
 * writer stays there. */
bool history_copies_write(struct history_copies *copies, struct history_writer *writer,
                          struct buffer *error);

#endif
