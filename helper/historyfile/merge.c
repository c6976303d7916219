#include "historyfile/merge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/same_file.h"
#include "historyfile/block_readers.h"
#include "historyfile/collect.h"
#include "memory/allocate.h"

/* The merge leaves so many descriptors free for other files. */
enum { DESCRIPTORS_FREE = 64 };

/* A file that was read. */
struct input {
    struct history_input file;
    struct digest digest;
};

struct merge {
    struct history_sections sections;
    struct input *inputs;
    size_t count; /* of the inputs that were opened */
    int fd;       /* of the current input; its reader owns the descriptor */
    struct history_block_readers *readers;
    struct buffer row;
    bool is_of_shards;
    size_t deciding; /* as in struct history_merge_options */
    /* Of the first input; of shards, of the one with the latest version. */
    char *header, *version, *date;
};

/* ---- which files ---------------------------------------------------------------------------- */

/* Checks that the output can be replaced, and that no input is the same file. */
static bool check_output(const struct history_merge_options *options, struct buffer *error)
{
    struct stat output, input;
    if (stat(options->output, &output) < 0) {
        if (lstat(options->output, &output) < 0 || !S_ISLNK(output.st_mode))
            return true;
        buffer_printf(error,
                      "%s: this link leads to no file that can be replaced by the merged history; "
                      "remove the link, or name the file itself with --output",
                      options->output);
        return false;
    }
    if (!S_ISREG(output.st_mode)) {
        buffer_printf(error,
                      "%s: this is no regular file, so it cannot be replaced by the merged "
                      "history; name a file with --output",
                      options->output);
        return false;
    }
    for (size_t i = 0; options->inputs[i]; i++)
        if (stat(options->inputs[i], &input) == 0 && same_file(&input, &output)) {
            buffer_printf(error,
                          "%s: the output is one of the histories to merge; name another file with "
                          "--output, and rename it when the merge is done",
                          options->output);
            return false;
        }
    return true;
}

/* Opens the next input.  Returns its descriptor; -1 with the error. */
static int open_input(struct merge *merge, const char *path, struct buffer *error)
{
    struct input *input = &merge->inputs[merge->count];
    input->file = (struct history_input){.path = path, .fd = -1};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &input->file.status) < 0) {
        buffer_printf(error, "%s: %s", path, strerrordesc_np(errno));
    } else if (!S_ISREG(input->file.status.st_mode)) {
        buffer_printf(error, "%s: this is no regular file, so it is no AWStats history file", path);
    } else {
        for (size_t i = 0; i < merge->count; i++)
            if (same_file(&merge->inputs[i].file.status, &input->file.status)) {
                buffer_printf(error,
                              "%s and %s are one file, which would count twice; name each "
                              "history once",
                              merge->inputs[i].file.path, path);
                close(fd);
                return -1;
            }
        merge->count++;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Checks that the current input is not a copy of an earlier one. */
static bool check_copy(const struct merge *merge, struct buffer *error)
{
    const struct input *input = &merge->inputs[merge->count - 1];
    for (size_t i = 0; i + 1 < merge->count; i++)
        if (digest_compare(&merge->inputs[i].digest, &input->digest) == 0) {
            buffer_printf(error,
                          "%s and %s have the same content, which would count twice; name one of "
                          "them",
                          merge->inputs[i].file.path, input->file.path);
            return false;
        }
    return true;
}

/* ---- their headers and rows ----------------------------------------------------------------- */

/* Takes the header of the current input for the output. */
static void take_header(struct merge *merge, const struct history_text *text)
{
    free(merge->header);
    free(merge->version);
    merge->header = memory_copy_text(text->header);
    merge->version = memory_copy_text(text->version);
}

/* Checks that the current input has the version and the period of the first one.  The files of shards may have different
 * versions, since AWStats may have been updated between two plans: as in an update, rows of the older file add up with
 * those of the later AWStats, and the result has the later version. */
static bool check_header(struct merge *merge, const struct history_text *text, struct buffer *error)
{
    const struct input *first = &merge->inputs[0], *input = &merge->inputs[merge->count - 1];
    if (merge->count == 1) {
        take_header(merge, text);
        merge->date = memory_copy_text(text->date);
        return true;
    }
    if (merge->is_of_shards && strcmp(merge->version, text->version) < 0)
        take_header(merge, text);
    if (!merge->is_of_shards && strcmp(merge->version, text->version))
        buffer_printf(
            error,
            "%s is of AWStats %s, but %s of AWStats %s; only histories of one version can "
            "be merged: let the later AWStats update both",
            first->file.path, merge->version, input->file.path, text->version);
    else if (strcmp(merge->date, text->date))
        buffer_printf(error,
                      "%s is the history of %s, but %s that of %s; only histories of one period "
                      "can be merged",
                      first->file.path, merge->date, input->file.path, text->date);
    else
        return true;
    return false;
}

static bool add_row(struct merge *merge, const struct history_merged *merged,
                    const struct history_text *text, struct buffer *error)
{
    struct history_row row;
    if (merged->has_batches && !merge->is_of_shards) {
        history_row_read(merged->section, text->line, text->size, &row);
        if (!history_batches_add(&merge->sections.batches, &row,
                                 merge->inputs[merge->count - 1].file.path, error))
            return false;
    }
    return history_rows_add(merged->rows, text->line, text->size, error);
}

/* ---- blocks of rows ------------------------------------------------------------------------- */

/* Whether blocks of the current input can be read again later.  Keeps a descriptor of the file for this, unless
 * too few descriptors would be left. */
static bool can_copy(struct merge *merge)
{
    struct history_input *input = &merge->inputs[merge->count - 1].file;
    struct rlimit limit;
    if (input->fd >= 0)
        return true;
    int fd = fcntl(merge->fd, F_DUPFD_CLOEXEC, 0);
    if (fd >= 0 &&
        (getrlimit(RLIMIT_NOFILE, &limit) < 0 || (rlim_t)fd + DESCRIPTORS_FREE < limit.rlim_cur))
        input->fd = fd;
    else if (fd >= 0)
        close(fd);
    return input->fd >= 0;
}

/* Adds the rows of a block one by one. */
static bool add_lines(struct merge *merge, struct history_reader *reader,
                      const struct history_merged *merged, struct history_read_block *block,
                      struct buffer *error)
{
    bool done = true;
    char *at = block->bytes.data, *end = at + block->bytes.size, *lf;
    for (uint64_t i = 0; done && at < end; i++, at = lf + 1) {
        lf = memchr(at, '\n', (size_t)(end - at));
        *lf = '\0';
        const char *line = at;
        size_t size = (size_t)(lf - at);
        if (*line == ' ')
            continue;
        if (!history_row_check(merged->section, &line, &size, &merge->row)) {
            history_reader_fail_row(reader, block->number + i, at, error);
            return false;
        }
        done = history_rows_add(merged->rows, line, size, error);
    }
    return done;
}

/* Takes the first block that was read.  Its lines can be copied later if all of them are rows and there is memory for
 * their bits; otherwise adds them now. */
static bool take_block(struct merge *merge, struct history_reader *reader,
                       const struct history_merged *merged, struct history_read_block *block,
                       struct buffer *error)
{
    if (block->is_read && !history_copies_add(merged->copies, &block->block)) {
        history_block_free(&block->block);
        block->is_read = false;
    }
    if (!block->is_read)
        return add_lines(merge, reader, merged, block, error);
    bool done = true;
    for (size_t i = 0; done && i < block->block.lines; i++)
        done =
            history_rows_note(merged->rows, block->hashes[i], block->block.first_line + i, error);
    return done;
}

/* Takes all blocks that were given.  An error in these blocks replaces the error of a later line. */
static bool take_blocks(struct merge *merge, struct history_reader *reader,
                        const struct history_merged *merged, struct buffer *error)
{
    struct history_read_block *block;
    struct buffer earlier = {0};
    bool done = true;
    while (done && (block = history_block_readers_take(merge->readers)))
        done = take_block(merge, reader, merged, block, &earlier);
    if (!done) {
        buffer_clear(error);
        buffer_add(error, earlier.data, earlier.size);
    }
    buffer_free(&earlier);
    return done;
}

/* Adds the rows of the current section in blocks, up to a line that begins as the section's end does.
 * history_reader_next() reads this line. */
static bool add_blocks(struct merge *merge, struct history_reader *reader,
                       struct history_merged *merged, struct buffer *error)
{
    struct history_lines_block lines;
    bool done;
    if (!merge->readers)
        merge->readers = history_block_readers_new(merge->sections.memory.seed);
    if (!merged->copies)
        merged->copies = history_copies_new(merged->section, &merge->sections.copied);
    while ((done = history_reader_block(reader, &lines, error)) && lines.lines) {
        if (history_block_readers_are_full(merge->readers) &&
            !take_block(merge, reader, merged, history_block_readers_take(merge->readers), error))
            return false;
        history_block_readers_give(merge->readers, merged->section,
                                   &merge->inputs[merge->count - 1].file, &lines);
    }
    return take_blocks(merge, reader, merged, error) && done;
}

/* ---- all rows ------------------------------------------------------------------------------- */

/* Reads the next item.  Before that, adds rows in blocks if they can be copied later. */
static enum history_item next_item(struct merge *merge, struct history_reader *reader,
                                   struct history_merged *merged, struct buffer *error)
{
    if (merged && merged->rows && history_rows_note_keys(merged->rows) && can_copy(merge) &&
        !add_blocks(merge, reader, merged, error))
        return HISTORY_FAILED;
    return history_reader_next(reader, error);
}

/* Adds all rows of an input. */
static bool add_rows(struct merge *merge, struct history_reader *reader, struct buffer *error)
{
    const struct history_text *text = history_reader_text(reader);
    struct history_general general = {0};
    struct history_merged *merged = NULL;
    enum history_item item;
    bool done = true;
    while (done && (item = next_item(merge, reader, merged, error)) != HISTORY_DONE) {
        if (item == HISTORY_BEGINS)
            merged = history_sections_get(&merge->sections, text,
                                          !merge->deciding || merge->count <= merge->deciding);
        else if (item == HISTORY_FAILED)
            done = false;
        else if (merged && merged->section)
            done = add_row(merge, merged, text, error);
        else
            history_general_read(&general, text->line, text->size);
    }
    if (done)
        history_general_add(&merge->sections.general, &general,
                            history_general_period_end(merge->date));
    return done;
}

static bool read_input(struct merge *merge, const char *path, struct buffer *error)
{
    int fd = open_input(merge, path, error);
    if (fd < 0)
        return false;
    merge->fd = fd;
    struct history_reader *reader = history_reader_new(fd, path, error);
    bool done = reader && check_header(merge, history_reader_text(reader), error) &&
                add_rows(merge, reader, error);
    if (done) {
        merge->inputs[merge->count - 1].digest = history_reader_digest(reader);
        done = check_copy(merge, error);
    }
    history_reader_free(reader);
    return done;
}

/* Returns the path of the file to replace: the target, if OUTPUT is a link.  The caller frees the path. */
static char *resolve(const char *output)
{
    char *path = realpath(output, NULL);
    return path ? path : memory_copy_text(output);
}

bool history_merge(const struct history_merge_options *options, struct buffer *error)
{
    size_t count = 0;
    while (options->inputs[count])
        count++;
    struct merge merge = {
        .sections.memory = {.limit = options->memory, .directory = options->directory},
        .inputs = memory_allocate(count, sizeof *merge.inputs),
        .is_of_shards = options->is_of_shards,
        .deciding = options->deciding,
        .sections.site = options->site,
        .sections.batch = options->batch,
    };
    char *output = resolve(options->output);
    if (getrandom(&merge.sections.memory.seed, sizeof merge.sections.memory.seed, 0) < 0)
        merge.sections.memory.seed = (uint64_t)(uintptr_t)&merge;
    history_batches_init(&merge.sections.batches, merge.sections.memory.seed);
    bool done = check_output(options, error);
    for (size_t i = 0; done && i < count; i++)
        done = read_input(&merge, options->inputs[i], error);
    if (done)
        history_general_see(&merge.sections.general, options->newest,
                            history_general_period_end(merge.date));
    done = done && history_collect(&merge.sections, output, merge.header, error);
    history_block_readers_free(merge.readers);
    history_sections_free(&merge.sections);
    for (size_t i = 0; i < merge.count; i++)
        if (merge.inputs[i].file.fd >= 0)
            close(merge.inputs[i].file.fd);
    free(merge.inputs);
    buffer_free(&merge.row);
    free(merge.header);
    free(merge.version);
    free(merge.date);
    free(output);
    return done;
}
