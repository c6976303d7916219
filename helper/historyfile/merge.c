#include "historyfile/merge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "historyfile/collect.h"
#include "memory/allocate.h"

/* A file that was read. */
struct input {
    const char *path;
    struct stat status;
    struct digest digest;
};

struct merge {
    struct history_sections sections;
    struct input *inputs;
    size_t count; /* that were opened */
    bool is_of_shards;
    char *header, *version, *date; /* of the first one */
};

/* ---- which files ---------------------------------------------------------------------------- */

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Checks that the output can be replaced, and is none of the inputs. */
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
        if (stat(options->inputs[i], &input) == 0 && is_same_file(&input, &output)) {
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
    input->path = path;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &input->status) < 0) {
        buffer_printf(error, "%s: %s", path, strerrordesc_np(errno));
    } else if (!S_ISREG(input->status.st_mode)) {
        buffer_printf(error, "%s: this is no regular file, so it is no AWStats history file", path);
    } else {
        for (size_t i = 0; i < merge->count; i++)
            if (is_same_file(&merge->inputs[i].status, &input->status)) {
                buffer_printf(error,
                              "%s and %s are one file, which would count twice; name each "
                              "history once",
                              merge->inputs[i].path, path);
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

/* Checks that the current input is no copy of one before. */
static bool check_copy(const struct merge *merge, struct buffer *error)
{
    const struct input *input = &merge->inputs[merge->count - 1];
    for (size_t i = 0; i + 1 < merge->count; i++)
        if (digest_compare(&merge->inputs[i].digest, &input->digest) == 0) {
            buffer_printf(error,
                          "%s and %s have the same content, which would count twice; name one of "
                          "them",
                          merge->inputs[i].path, input->path);
            return false;
        }
    return true;
}

/* ---- what is in them ------------------------------------------------------------------------ */

/* Checks that the current input has the version and the period of the first one. */
static bool check_header(struct merge *merge, const struct history_text *text, struct buffer *error)
{
    const struct input *first = &merge->inputs[0], *input = &merge->inputs[merge->count - 1];
    if (merge->count == 1) {
        merge->header = memory_copy_text(text->header);
        merge->version = memory_copy_text(text->version);
        merge->date = memory_copy_text(text->date);
        return true;
    }
    if (strcmp(merge->version, text->version))
        buffer_printf(
            error,
            "%s is of AWStats %s, but %s of AWStats %s; only histories of one version can "
            "be merged: let the later AWStats update both",
            first->path, merge->version, input->path, text->version);
    else if (strcmp(merge->date, text->date))
        buffer_printf(error,
                      "%s is the history of %s, but %s that of %s; only histories of one period "
                      "can be merged",
                      first->path, merge->date, input->path, text->date);
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
                                 merge->inputs[merge->count - 1].path, error))
            return false;
    }
    return history_rows_add(merged->rows, text->line, text->size, error);
}

/* Adds all rows of an input. */
static bool add_rows(struct merge *merge, struct history_reader *reader, struct buffer *error)
{
    const struct history_text *text = history_reader_text(reader);
    struct history_general general = {0};
    struct history_merged *merged = NULL;
    enum history_item item;
    bool done = true;
    while (done && (item = history_reader_next(reader, error)) != HISTORY_DONE) {
        if (item == HISTORY_BEGINS)
            merged = history_sections_get(&merge->sections, text);
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

/* Returns the file that is to be replaced: that to which a link leads. */
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
    };
    char *output = resolve(options->output);
    if (getrandom(&merge.sections.memory.seed, sizeof merge.sections.memory.seed, 0) < 0)
        merge.sections.memory.seed = (uint64_t)(uintptr_t)&merge;
    history_batches_init(&merge.sections.batches, merge.sections.memory.seed);
    bool done = check_output(options, error);
    for (size_t i = 0; done && i < count; i++)
        done = read_input(&merge, options->inputs[i], error);
    done = done && history_collect(&merge.sections, output, merge.header, error);
    history_sections_free(&merge.sections);
    free(merge.inputs);
    free(merge.header);
    free(merge.version);
    free(merge.date);
    free(output);
    return done;
}
