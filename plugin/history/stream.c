/* Sections whose lines get no rows, because the month has many more keys than this run. */
#include <stdlib.h>
#include <string.h>

#include "history/internal.h"

void history_stream_reset(struct history *history)
{
    while (history->streams) {
        struct history_stream *stream = history->streams;
        history->streams = stream->next;
        seen_clear(&stream->seen);
        top_clear(&stream->top);
        free(stream);
    }
    arena_free(&history->texts);
    old_file_free(history->old);
    history->old = NULL;
}

void history_stream_begin(pTHX_ struct history *history)
{
    const struct found_section *section = &history->section;
    if (!history->old)
        return;
    struct history_stream *stream = malloc(sizeof *stream);
    if (!stream)
        croak("out of memory");
    *stream = (struct history_stream){
        .next = history->streams,
        .section = *section,
        .is_used = true,
        .order = UINT64_MAX,
        .seen = {.seed = history->loop->lane->tables.seed + 1},
        .top = history_top(aTHX_ section),
        .start = old_file_place(history->old),
        .end = old_file_place(history->old),
    };
    history->streams = history->section.stream = stream;
}

struct history_stream *history_stream_of(const struct history *history, const struct rows *rows)
{
    struct history_stream *stream = history->streams;
    while (stream && !(stream->is_used && stream->section.rows == rows))
        stream = stream->next;
    return stream;
}

/* Whether a line's key is "0".  AWStats leaves such a line out.  In an extra section, the line gets a row, since
 * BuildKeyList may drop the key. */
static bool is_zero(const struct history_line *line)
{
    return record_field_is(&line->field[0], "0");
}

/* Returns the row of a key, which is added if there is none. */
static struct row *add_row(pTHX_ const struct history_stream *stream, const struct field *key)
{
    struct row *row = rows_get(stream->section.rows, key->text, key->size);
    PERL_UNUSED_CONTEXT;
    if (!row)
        croak("out of memory");
    return row;
}

/* Adds a line to a row. */
static bool add_line(pTHX_ struct history *history, const struct history_stream *stream,
                     struct row *row, const struct history_line *line)
{
    row->mark |= ROW_IN_FILE;
    return stream->section.kind->add_line(aTHX_ history, &stream->section, row, line);
}

/* Returns a row with the numbers of a line, and with its texts if TEXTS is not NULL, valid until the next call; NULL
 * if it is uncertain how AWStats reads the line. */
static struct row *row_of_line(pTHX_ struct history *history, const struct history_stream *stream,
                               const struct history_line *line, struct arena *texts)
{
    struct row *row = &history->temporary.row;
    struct found_section section = stream->section;
    section.texts = texts;
    memset(&history->temporary, 0, sizeof history->temporary);
    row->key = line->field[0].text;
    row->size = (uint32_t)line->field[0].size;
    return stream->section.kind->add_line(aTHX_ history, &section, row, line) ? row : NULL;
}

/* ---- reading the lines again ---- */

static const char changed[] = "another program has changed it";

/* Ends the update, because a line cannot be read again. */
static void fail(pTHX_ const char *reason)
{
    croak("the history file could not be read again: %s\n", reason);
}

/* Reads the next line again; returns its text. */
static const char *read_text(pTHX_ struct history *history, size_t *size)
{
    int error;
    const char *text = old_file_line(history->old, size, &error);
    if (!text)
        fail(aTHX_ error ? Strerror(error) : changed);
    return text;
}

static void read_line(pTHX_ struct history *history, struct history_line *line)
{
    size_t size;
    const char *text = read_text(aTHX_ history, &size);
    if (!history_line_split(line, text, size))
        fail(aTHX_ changed);
}

/* Adds a line to its row, unless the row has the line's numbers already. */
static void load_line(pTHX_ struct history *history, const struct history_stream *stream,
                      const struct history_line *line)
{
    const struct field key = line->field[0];
    struct row *row = add_row(aTHX_ stream, &key);
    if ((row->mark & ROW_IN_FILE) && !(row->mark & ROW_LOADED))
        return;
    (void)add_line(aTHX_ history, stream, row, line);
    row->mark |= ROW_LOADED;
}

/* Makes rows of all lines that do not have one. */
static void load(pTHX_ struct history *history, struct history_stream *stream)
{
    const uint64_t place = old_file_place(history->old);
    old_file_go_to(history->old, stream->start);
    while (old_file_place(history->old) < stream->end) {
        struct history_line line;
        read_line(aTHX_ history, &line);
        if (!is_zero(&line))
            load_line(aTHX_ history, stream, &line);
    }
    old_file_go_to(history->old, place);
    stream->is_used = false;
    seen_clear(&stream->seen);
    top_clear(&stream->top);
}

void history_give_back(pTHX_ struct history *history)
{
    for (struct history_stream *stream = history->streams; stream; stream = stream->next) {
        if (stream->is_used)
            load(aTHX_ history, stream);
    }
    exchange_give_back(aTHX_ history->loop->exchange);
}

/* ---- reading a section ---- */

/* Takes a line without a row in the section.  ROW has the numbers of the line. */
static void take_row(pTHX_ struct history_stream *stream, const struct row *row)
{
    const struct history_kind *kind = stream->section.kind;
    PERL_UNUSED_CONTEXT;
    stream->with_pages += row->column[ROW_PAGES] > 0;
    if (!kind->has_line(row))
        return;
    stream->lines++;
    const struct top_row offered = {.order = row->column[kind->order], .place = stream->end};
    stream->order = offered.order;
    if (kind->sorted == FIRST_ROWS && !top_offer(&stream->top, row->column[kind->select], &offered))
        croak("out of memory");
}

/* Whether a line stands too late in a section whose rows are all sorted. */
static bool is_misplaced(const struct history_stream *stream, const struct row *row)
{
    return stream->section.kind->sorted == ALL_ROWS &&
           row->column[stream->section.kind->order] > stream->order;
}

/* Adds a line's numbers to the sums of all lines.  Returns whether the next line could make a sum too large for a
 * row, as it would if all lines had one key. */
static bool sums_are_large(struct history_stream *stream, const struct row *row)
{
    bool large = false;
    for (unsigned i = 0; i < stream->section.kind->sums; i++) {
        const int64_t number = (int64_t)row->column[i];
        stream->sum[i] += number < 0 ? -number : number;
        large = large || stream->sum[i] > ROW_NUMBER_MAX - HISTORY_NUMBER_MAX;
    }
    return large;
}

/* Makes rows of all lines that were read.  The following lines of the section get rows, too. */
static void end_stream(pTHX_ struct history *history, struct history_stream *stream)
{
    stream->end = old_file_place(history->old);
    load(aTHX_ history, stream);
    history->section.stream = NULL;
}

bool history_stream_line(pTHX_ struct history *history, struct history_stream *stream,
                         const struct history_line *line)
{
    const struct field key = line->field[0];
    struct row *row = rows_find(stream->section.rows, key.text, key.size);
    if (!row && is_zero(line))
        row = add_row(aTHX_ stream, &key);
    if (row) {
        if (!add_line(aTHX_ history, stream, row, line))
            return false;
        stream->end = old_file_place(history->old);
        return true;
    }
    if (!seen_add(&stream->seen, key.text, key.size))
        croak("out of memory");
    row = row_of_line(aTHX_ history, stream, line, NULL);
    if (!row)
        return false;
    if (is_misplaced(stream, row) || sums_are_large(stream, row)) {
        end_stream(aTHX_ history, stream);
        return true;
    }
    take_row(aTHX_ stream, row);
    stream->end = old_file_place(history->old);
    return true;
}

void history_stream_end(pTHX_ struct history *history, struct history_stream *stream)
{
    switch (seen_twice(&stream->seen)) {
    case SEEN_ONCE:
        seen_clear(&stream->seen);
        break;
    case SEEN_TWICE: /* AWStats adds up lines of one key */
        load(aTHX_ history, stream);
        break;
    case SEEN_NO_MEMORY:
        croak("out of memory");
    }
}

/* ---- writing ---- */

/* Writes the rows with a greater number ORDER than a line's, in a section whose rows are all sorted. */
static void put_rows_before(pTHX_ struct history *history, struct history_stream *stream,
                            uint64_t order)
{
    const struct top *top = &stream->top;
    for (; stream->put < top->count && top->first[stream->put].order > order; stream->put++)
        history_put_row(aTHX_ history, stream->section.kind, top->first[stream->put].row);
}

/* Writes a line or its row, unless the row was written. */
static void put_line(pTHX_ struct history *history, struct history_stream *stream,
                     const struct history_line *line)
{
    const struct history_kind *kind = stream->section.kind;
    struct row *row = rows_find(stream->section.rows, line->field[0].text, line->field[0].size);
    if (row && kind->sorted == ALL_ROWS)
        return;
    arena_free(&history->texts);
    if (!row)
        row = row_of_line(aTHX_ history, stream, line, &history->texts);
    else if (!(row->mark & ROW_IN_FILE))
        (void)add_line(aTHX_ history, stream, row, line);
    if (!row || (row->mark & ROW_WRITTEN) || !kind->has_line(row))
        return;
    if (kind->sorted == ALL_ROWS)
        put_rows_before(aTHX_ history, stream, row->column[kind->order]);
    history_put_row(aTHX_ history, kind, row);
}

/* Writes the line at a place of the old file, or its row. */
static void put_at(pTHX_ struct history *history, struct history_stream *stream, uint64_t place)
{
    struct history_line line;
    old_file_go_to(history->old, place);
    read_line(aTHX_ history, &line);
    put_line(aTHX_ history, stream, &line);
}

/* Writes the rows and lines that come first. */
static void put_first(pTHX_ struct history *history, struct history_stream *stream)
{
    const struct top *top = &stream->top;
    for (size_t i = 0; i < top->count; i++) {
        if (top->first[i].row)
            history_put_row(aTHX_ history, stream->section.kind, top->first[i].row);
        else
            put_at(aTHX_ history, stream, top->first[i].place);
    }
}

/* Copies a line without a row, if AWStats would write the line unchanged. */
static bool copy_line(pTHX_ struct history *history, const struct history_stream *stream,
                      const char *line, size_t size)
{
    const char *key_end = memchr(line, ' ', size);
    const size_t key_size = key_end ? (size_t)(key_end - line) : 0;
    if (!key_size || (key_size == 1 && *line == '0') ||
        rows_find(stream->section.rows, line, key_size))
        return false;
    return stream->section.kind->copy_line(aTHX_ history, &stream->section, line, size, key_size);
}

static int compare_places(const void *a, const void *b)
{
    const uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
    return (first > second) - (first < second);
}

/* Returns the places of the lines that put_first() has written, in ascending order; perl frees the array. */
static const uint64_t *places_written(pTHX_ const struct top *top, size_t *count)
{
    SV *room = sv_2mortal(newSV((top->count + 1) * sizeof(uint64_t)));
    uint64_t *place = (uint64_t *)(void *)SvPVX(room);
    *count = 0;
    for (size_t i = 0; i < top->count; i++) {
        if (!top->first[i].row)
            place[(*count)++] = top->first[i].place;
    }
    qsort(place, *count, sizeof *place, compare_places);
    return place;
}

/* Writes all lines of the old file that were not written yet. */
static void put_others(pTHX_ struct history *history, struct history_stream *stream)
{
    size_t count;
    const uint64_t *written = places_written(aTHX_ & stream->top, &count);
    uint64_t place;
    old_file_go_to(history->old, stream->start);
    while ((place = old_file_place(history->old)) < stream->end) {
        struct history_line line;
        size_t size;
        const char *text = read_text(aTHX_ history, &size);
        if (count && *written == place) {
            written++;
            count--;
            continue;
        }
        if (stream->section.kind->copy_line && copy_line(aTHX_ history, stream, text, size))
            continue;
        if (!history_line_split(&line, text, size))
            fail(aTHX_ changed);
        if (!is_zero(&line))
            put_line(aTHX_ history, stream, &line);
    }
}

void history_stream_put(pTHX_ struct history *history, struct history_stream *stream)
{
    const uint64_t next = old_file_place(history->old);
    if (stream->section.kind->sorted == FIRST_ROWS)
        put_first(aTHX_ history, stream);
    put_others(aTHX_ history, stream);
    if (stream->section.kind->sorted == ALL_ROWS)
        put_rows_before(aTHX_ history, stream, 0);
    old_file_go_to(history->old, next);
}
