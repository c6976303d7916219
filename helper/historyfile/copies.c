#include "historyfile/copies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "files/read_at.h"
#include "historyfile/keys.h"
#include "memory/allocate.h"

/* The bits of LINES_MAX lines, and the descriptions of BLOCKS_MAX blocks, take some 20 MB. */
enum { LINES_MAX = 64 * 1000 * 1000, BLOCKS_MAX = 16 * 1024 };

struct history_copies {
    const struct history_section *section;
    struct history_copied *all;
    struct history_block *blocks;
    size_t count, capacity;
    uint64_t lines;
    uint8_t *bits;
    struct buffer bytes; /* of a block */
};

struct history_copies *history_copies_new(const struct history_section *section,
                                          struct history_copied *all)
{
    struct history_copies *copies = memory_allocate(1, sizeof *copies);
    copies->section = section;
    copies->all = all;
    return copies;
}

void history_copies_free(struct history_copies *copies)
{
    if (!copies)
        return;
    for (size_t i = 0; i < copies->count; i++)
        history_block_free(&copies->blocks[i]);
    free(copies->blocks);
    free(copies->bits);
    buffer_free(&copies->bytes);
    free(copies);
}

bool history_copies_add(struct history_copies *copies, struct history_block *block)
{
    if (block->lines > LINES_MAX - copies->all->lines || copies->all->blocks == BLOCKS_MAX)
        return false;
    copies->all->lines += block->lines;
    copies->all->blocks++;
    block->first_line = copies->lines;
    copies->lines += block->lines;
    copies->blocks =
        array_grow(copies->blocks, copies->count, &copies->capacity, sizeof *copies->blocks);
    copies->blocks[copies->count++] = *block;
    return true;
}

uint8_t *history_copies_bits(struct history_copies *copies)
{
    return copies->bits = memory_allocate(copies->lines / 8 + 1, 1);
}

static bool is_copied(const struct history_copies *copies, uint64_t line)
{
    return !(copies->bits[line / 8] >> line % 8 & 1);
}

static bool is_copied_whole(const struct history_copies *copies, const struct history_block *block)
{
    const uint64_t end = block->first_line + block->lines;
    for (uint64_t line = block->first_line; line < end;) {
        if (line % 8 == 0 && end - line >= 8 && !copies->bits[line / 8])
            line += 8;
        else if (!is_copied(copies, line++))
            return false;
    }
    return true;
}

static bool fail_changed(const struct history_input *input, struct buffer *error)
{
    buffer_printf(error,
                  "%s: the file was changed while its rows were read; merge again once nothing "
                  "writes to the file",
                  input->path);
    return false;
}

/* Reads the lines of a block once more. */
static bool read_lines(struct history_copies *copies, const struct history_block *block,
                       struct buffer *error)
{
    buffer_clear(&copies->bytes);
    char *bytes = buffer_extend(&copies->bytes, block->size);
    ssize_t got = read_at(block->input->fd, bytes, block->size, block->place);
    if (got < 0) {
        buffer_printf(error, "%s: %s", block->input->path, strerrordesc_np(errno));
        return false;
    }
    if ((size_t)got < block->size)
        return fail_changed(block->input, error);
    copies->bytes.size = block->size;
    return true;
}

/* ---- visiting ------------------------------------------------------------------------------- */

static bool visit_line(struct history_copies *copies, const struct history_copies_visitor *visitor,
                       const struct history_block *block, const struct history_line *line,
                       struct buffer *error)
{
    struct history_row row;
    bool is_kept = true;
    if (!history_row_read(copies->section, line->text, line->size, &row))
        return fail_changed(block->input, error);
    if (!is_copied(copies, line->number))
        return visitor->leave_out(visitor->user, line->text, line->size, error);
    bool done = visitor->visit(visitor->user, &row, line, &is_kept, error);
    if (!is_kept)
        history_copies_leave_out(copies, line->number);
    return done;
}

static bool visit_lines(struct history_copies *copies, const struct history_copies_visitor *visitor,
                        const struct history_block *block, struct buffer *error)
{
    if (!read_lines(copies, block, error))
        return false;
    const char *at = copies->bytes.data, *end = at + block->size, *lf;
    bool done = true;
    for (size_t i = 0; done && i < block->lines; i++, at = lf + 1) {
        lf = memchr(at, '\n', (size_t)(end - at));
        if (!lf)
            return fail_changed(block->input, error);
        const struct history_line line = {at, (size_t)(lf - at), block->first_line + i};
        done = visit_line(copies, visitor, block, &line, error);
    }
    return done;
}

bool history_copies_visit(struct history_copies *copies,
                          const struct history_copies_visitor *visitor, struct buffer *error)
{
    bool done = true;
    for (size_t i = 0; done && i < copies->count; i++) {
        const struct history_block *block = &copies->blocks[i];
        done = (is_copied_whole(copies, block) && visitor->pass(visitor->user, block)) ||
               visit_lines(copies, visitor, block, error);
    }
    return done;
}

void history_copies_leave_out(struct history_copies *copies, uint64_t line)
{
    copies->bits[line / 8] |= (uint8_t)(1U << line % 8);
}

/* ---- copying -------------------------------------------------------------------------------- */

/* Copies the lines of a block, except lines that are left out. */
static bool write_lines(const struct history_copies *copies, const struct history_block *block,
                        struct history_writer *writer, struct buffer *error)
{
    const char *begin = copies->bytes.data, *at = begin, *end = at + block->size;
    for (size_t i = 0; i < block->lines; i++) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        if (!lf)
            return fail_changed(block->input, error);
        if (!is_copied(copies, block->first_line + i)) {
            history_writer_put(writer, begin, (size_t)(at - begin));
            begin = lf + 1;
        }
        at = lf + 1;
    }
    history_writer_put(writer, begin, (size_t)(at - begin));
    return true;
}

bool history_copies_write(struct history_copies *copies, struct history_writer *writer,
                          struct buffer *error)
{
    for (size_t i = 0; i < copies->count; i++) {
        const struct history_block *block = &copies->blocks[i];
        if (!read_lines(copies, block, error))
            return false;
        if (is_copied_whole(copies, block))
            history_writer_put(writer, copies->bytes.data, block->size);
        else if (!write_lines(copies, block, writer, error))
            return false;
        bool is_last = i + 1 == copies->count || block[1].input != block->input;
        if (is_last && history_input_was_changed(block->input))
            return fail_changed(block->input, error);
    }
    return true;
}
