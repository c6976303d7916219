/* Fuzzes the reader of AWStats' history files.  A row that was read is written as one that reads the same, and two rows
 * with one key add up to the same in either order. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "historyfile/reader.h"
#include "historyfile/row.h"

static void write_row(const struct history_section *section, const struct history_row *row,
                      struct buffer *line)
{
    buffer_clear(line);
    history_row_write(section, row, line);
}

/* Reads a row that was written. */
static struct history_row read_row(const struct history_section *section, const struct buffer *line)
{
    struct history_row row;
    if (!history_row_read(section, line->data, line->size, &row))
        abort();
    return row;
}

static void check_same(const struct buffer *a, const struct buffer *b)
{
    if (a->size != b->size || memcmp(a->data, b->data, a->size) != 0)
        abort();
}

/* Adds up the line and the one before, as if it had the same key. */
static void check_sum(const struct history_section *section, const struct buffer *before,
                      const struct buffer *line)
{
    struct buffer sums[2] = {{0}, {0}};
    struct history_visit ended;
    struct history_row a = read_row(section, before), b = read_row(section, line);
    b.key = a.key;
    b.key_size = a.key_size;
    struct history_row one = a, other = b;
    bool is_sum = history_row_add(section, &one, &b, &ended);
    if (history_row_add(section, &other, &a, &ended) != is_sum)
        abort();
    if (is_sum) {
        write_row(section, &one, &sums[0]);
        write_row(section, &other, &sums[1]);
        check_same(&sums[0], &sums[1]);
        read_row(section, &sums[0]);
    }
    buffer_free(&sums[0]);
    buffer_free(&sums[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer error = {0}, before = {0}, line = {0}, again = {0};
    int fd = memfd_create("history", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) < 0)
        abort();
    struct history_reader *reader = history_reader_new(fd, "history", &error);
    const struct history_text *text = reader ? history_reader_text(reader) : NULL;
    enum history_item item = HISTORY_FAILED;
    while (reader && (item = history_reader_next(reader, &error)) > HISTORY_DONE) {
        if (item == HISTORY_BEGINS)
            buffer_clear(&before);
        if (item == HISTORY_BEGINS || !text->section)
            continue;
        struct history_row row;
        if (!history_row_read(text->section, text->line, text->size, &row))
            abort();
        write_row(text->section, &row, &line);
        row = read_row(text->section, &line);
        write_row(text->section, &row, &again);
        check_same(&line, &again);
        if (before.size)
            check_sum(text->section, &before, &line);
        buffer_clear(&before);
        buffer_add(&before, line.data, line.size);
    }
    if ((item == HISTORY_FAILED) != (error.size > 0))
        abort();
    history_reader_free(reader);
    buffer_free(&error);
    buffer_free(&before);
    buffer_free(&line);
    buffer_free(&again);
    return 0;
}
