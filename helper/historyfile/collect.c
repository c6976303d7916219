#include "historyfile/collect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "historyfile/first.h"
#include "historyfile/keys.h"
#include "historyfile/spool.h"
#include "historyfile/totals.h"
#include "historyfile/writer.h"
#include "memory/allocate.h"

struct collection {
    struct history_sections *sections;
    struct history_writer *writer;
    uint64_t places[HISTORY_TOTALS]; /* of the totals in the file */
    uint64_t totals[HISTORY_TOTALS];

    /* Of the section that is written: */
    const struct history_merged *merged;
    bool (*take)(struct collection *, struct history_row *, bool *is_left_out, bool *is_changed,
                 struct buffer *); /* changes or leaves out a row; NULL: rows stay as they are */
    history_count *count;          /* adds a row to the totals; NULL: no total counts these rows */
    struct history_first *first;   /* the rows that are written first, */
    struct history_spool others;   /* and the other rows */
    uint64_t rows;
    struct buffer line;
};

/* ---- rows that do not stay as they are -------------------------------------------- */

/* VISITOR: ends visits; mirrors Save_History("visitor"). */
static bool take_visitor(struct collection *collection, struct history_row *row, bool *is_left_out,
                         bool *is_changed, struct buffer *error)
{
    struct history_visit ended;
    (void)is_left_out;
    *is_changed = history_row_end_visit(row, collection->sections->general.last_line, &ended);
    return !*is_changed || history_sections_end_visit(collection->sections, &ended, error);
}

/* SIDER: leaves out a URL without pages, which comes only from the exit of a visit; mirrors
 * Read_History_With_TmpUpdate. */
static bool take_page(struct collection *collection, struct history_row *row, bool *is_left_out,
                      bool *is_changed, struct buffer *error)
{
    (void)collection, (void)is_changed, (void)error;
    *is_left_out = !row->number[0];
    return true;
}

/* PLUGIN_cloudfront: writes the batch of the options into the row of their site. */
static bool take_batch(struct collection *collection, struct history_row *row, bool *is_left_out,
                       bool *is_changed, struct buffer *error)
{
    const struct history_sections *sections = collection->sections;
    (void)is_left_out, (void)error;
    *is_changed = sections->batch && strlen(sections->site) == row->key_size &&
                  !memcmp(sections->site, row->key, row->key_size);
    if (*is_changed) {
        row->text = sections->batch;
        row->text_size = strlen(sections->batch);
    }
    return true;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static bool fail_spool(const struct collection *collection, struct buffer *error)
{
    buffer_printf(error, "%s: %s; this folder has the temporary files (TMPDIR names another)",
                  collection->others.directory, strerrordesc_np(errno));
    return false;
}

/* Adds a row to the first rows or to the others.  Clears *IS_COPIED if the row is left out or changed: then its line
 * must not be copied from the input. */
static bool collect_line(struct collection *collection, struct history_row *row,
                         struct history_line line, bool *is_copied, struct buffer *error)
{
    bool is_left_out = false, is_changed = false;
    if (collection->take && !collection->take(collection, row, &is_left_out, &is_changed, error))
        return false;
    *is_copied = !is_left_out && !is_changed;
    if (is_left_out)
        return true;
    if (is_changed) {
        buffer_clear(&collection->line);
        history_row_write(collection->merged->section, row, &collection->line);
        line = (struct history_line){collection->line.data, collection->line.size, HISTORY_NO_LINE};
    }
    collection->rows++;
    if (collection->count)
        collection->count(collection->totals, row);
    return !history_first_offer(collection->first, row, &line) || line.number != HISTORY_NO_LINE ||
           history_spool_add(&collection->others, line.text, line.size) ||
           fail_spool(collection, error);
}

static bool collect_row(void *user, struct history_row *row, const char *text, size_t size,
                        struct buffer *error)
{
    bool is_copied;
    const struct history_line line = {text, size, HISTORY_NO_LINE};
    return collect_line(user, row, line, &is_copied, error);
}

/* ---- rows that are copied ------------------------------------------------------------------- */

static bool collect_copy(void *user, struct history_row *row, const struct history_line *line,
                         bool *is_copied, struct buffer *error)
{
    return collect_line(user, row, *line, is_copied, error);
}

static bool add_repeated(void *user, const char *line, size_t size, struct buffer *error)
{
    struct collection *collection = user;
    return history_rows_add(collection->merged->rows, line, size, error);
}

/* Counts a whole block without reading its lines again.  Returns false if a visit of the block has ended, or if a
 * row may be one of the first. */
static bool pass_block(void *user, const struct history_block *block)
{
    struct collection *collection = user;
    struct history_row first;
    if (block->is_first_long ||
        history_visit_has_ended(block->oldest_visit, collection->sections->general.last_line))
        return false;
    if (block->first) {
        history_row_read_again(collection->merged->section, block->first, block->first_size,
                               &first);
        if (history_first_takes(collection->first, &first))
            return false;
    }
    collection->rows += block->lines;
    for (size_t i = 0; i < HISTORY_TOTALS; i++)
        collection->totals[i] += block->totals[i];
    return true;
}

/* Decides which lines are copied from the inputs.  Adds the rows of repeated keys to the section's rows. */
static bool collect_copies(struct collection *collection, struct buffer *error)
{
    const struct history_copies_visitor visitor = {collection, pass_block, collect_copy,
                                                   add_repeated};
    const struct history_merged *merged = collection->merged;
    return history_rows_find_repeated(merged->rows, history_copies_bits(merged->copies), error) &&
           history_copies_visit(merged->copies, &visitor, error);
}

/* ---- a section ------------------------------------------------------------------------------ */

static bool put_piece(void *user, const char *piece, size_t size)
{
    struct collection *collection = user;
    return history_writer_put(collection->writer, piece, size);
}

/* Writes all rows, beginning with the first ones.  The writer stores its own errors. */
static bool write_rows(struct collection *collection, struct buffer *error)
{
    struct history_copies *copies = collection->merged->copies;
    struct history_line line;
    while (history_first_next(collection->first, &line)) {
        history_writer_put(collection->writer, line.text, line.size);
        history_writer_put(collection->writer, "\n", 1);
        if (line.number != HISTORY_NO_LINE)
            history_copies_leave_out(copies, line.number);
    }
    errno = 0;
    if (!history_spool_read(&collection->others, put_piece, collection) &&
        history_writer_put(collection->writer, "", 0))
        return fail_spool(collection, error);
    return !copies || history_copies_write(copies, collection->writer, error);
}

static void put_begin(struct collection *collection, size_t number, const char *comments)
{
    history_writer_put(collection->writer, "\n", 1);
    history_writer_put(collection->writer, comments, strlen(comments));
    history_writer_begin(collection->writer, number);
}

static void write_general(struct collection *collection)
{
    size_t places[HISTORY_TOTALS];
    uint64_t begin = history_writer_place(collection->writer);
    buffer_clear(&collection->line);
    history_general_write(&collection->sections->general, &collection->line, places);
    for (size_t i = 0; i < HISTORY_TOTALS; i++)
        collection->places[i] = begin + places[i];
    history_writer_put(collection->writer, collection->line.data, collection->line.size);
}

static bool write_section(struct collection *collection, size_t number, struct buffer *error)
{
    static const struct {
        const char *name;
        bool (*take)(struct collection *, struct history_row *, bool *, bool *, struct buffer *);
    } takers[] = {
        {"VISITOR", take_visitor}, {"SIDER", take_page}, {"PLUGIN_cloudfront", take_batch}};
    const struct history_merged *merged = collection->sections->list[number];
    if (!merged->section) {
        put_begin(collection, number, merged->comments);
        write_general(collection);
        return true;
    }
    collection->merged = merged;
    collection->take = NULL;
    collection->count = history_count_of(merged->section);
    collection->rows = 0;
    for (size_t i = 0; i < sizeof takers / sizeof *takers; i++)
        if (!strcmp(merged->name, takers[i].name))
            collection->take = takers[i].take;
    collection->first = history_first_new(merged->section,
                                          history_section_first(merged->section, merged->comments));
    bool done = (!merged->copies || collect_copies(collection, error)) &&
                history_rows_take_all(merged->rows, collect_row, collection, error);
    if (done) {
        put_begin(collection, number, merged->comments);
        buffer_clear(&collection->line);
        buffer_printf(&collection->line, "%s %" PRIu64 "\n", merged->begin, collection->rows);
        history_writer_put(collection->writer, collection->line.data, collection->line.size);
        done = write_rows(collection, error);
        buffer_clear(&collection->line);
        buffer_printf(&collection->line, "END_%s\n", merged->name);
        history_writer_put(collection->writer, collection->line.data, collection->line.size);
    }
    history_first_free(collection->first);
    history_spool_clear(&collection->others);
    return done;
}

/* ---- the file ------------------------------------------------------------------------------- */

static struct history_writer *make_writer(const struct history_sections *sections, const char *path,
                                          const char *header, struct buffer *error)
{
    const char **names = memory_allocate(sections->count, sizeof *names);
    for (size_t i = 0; i < sections->count; i++)
        names[i] = sections->list[i]->name;
    struct history_writer *writer = history_writer_new(path, header, names, sections->count, error);
    free(names);
    return writer;
}

bool history_collect(struct history_sections *sections, const char *path, const char *header,
                     struct buffer *error)
{
    history_sections_sort(sections);
    struct collection collection = {
        .sections = sections,
        .writer = make_writer(sections, path, header, error),
        .others.directory = sections->memory.directory,
    };
    bool done = collection.writer != NULL;
    for (size_t i = 0; done && i < sections->count; i++)
        done = write_section(&collection, i, error);
    /* The hosts that are in two files are known only after the rows of VISITOR are added up. */
    done = done && history_batches_check(&sections->batches, error);
    for (size_t i = 0; done && i < HISTORY_TOTALS; i++)
        history_writer_put_number(collection.writer, collection.places[i], collection.totals[i]);
    done = done && history_writer_end(collection.writer, error);
    history_writer_free(collection.writer);
    buffer_free(&collection.line);
    buffer_free(&collection.others.lines);
    return done;
}
