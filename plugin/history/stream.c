/* Sections whose lines get no rows: those of months that have many more keys than this run. */
#include <stdlib.h>
#include <string.h>

#include "history/internal.h"

void history_stream_reset(struct history *history)
{
    for (unsigned i = 0; i < STREAMS; i++) {
        seen_clear(&history->stream[i].seen);
        top_clear(&history->stream[i].top);
        history->stream[i] = (struct history_stream){.seen = history->stream[i].seen};
    }
    old_file_free(history->old);
    history->old = NULL;
}

void history_stream_begin(pTHX_ struct history *history, enum history_streams number,
                          const struct history_kind *kind)
{
    struct history_stream *stream = &history->stream[number];
    if (!history->old || !kind)
        return;
    history->section.stream = stream;
    *stream = (struct history_stream){
        .section = history->section,
        .kind = kind,
        .is_used = true,
        .seen = {.seed = history->loop->tables.seed + 1},
        .top = history_top(aTHX_ history, kind),
        .start = old_file_place(history->old),
        .end = old_file_place(history->old),
    };
}

/* Returns a row with the numbers of a line, valid until the next call; NULL if it is uncertain how AWStats
 * reads the line. */
static struct row *row_of_line(pTHX_ struct history *history, const struct history_stream *stream,
                               const struct history_line *line)
{
    struct row *row = &history->temporary.row;
    memset(&history->temporary, 0, sizeof history->temporary);
    row->key = line->field[0].text;
    row->size = (uint32_t)line->field[0].size;
    return stream->section.add(aTHX_ history, &stream->section, row, line) ? row : NULL;
}

/* Takes a line that has no row. */
static bool take_line(pTHX_ struct history *history, struct history_stream *stream,
                      const struct history_line *line)
{
    struct row *row = row_of_line(aTHX_ history, stream, line);
    if (!row)
        return false;
    stream->with_pages += row->column[ROW_PAGES] > 0;
    if (!stream->kind->has_line(row))
        return true;
    stream->lines++;
    const struct top_row offered = {.order = row->column[stream->kind->order],
                                    .place = stream->end};
    if (!top_offer(&stream->top, row->column[stream->kind->select], &offered))
        croak("out of memory");
    return true;
}

bool history_stream_line(pTHX_ struct history *history, struct history_stream *stream,
                         const struct history_line *line)
{
    const struct field key = line->field[0];
    struct row *row = rows_find(stream->section.rows, key.text, key.size);
    bool is_taken = true;
    if (row) {
        is_taken = stream->section.add(aTHX_ history, &stream->section, row, line);
        row->mark |= ROW_IN_FILE;
    } else {
        switch (seen_add(&stream->seen, key.text, key.size)) {
        case SEEN_NEW:
            is_taken = take_line(aTHX_ history, stream, line);
            break;
        case SEEN_BEFORE: /* AWStats adds up lines of one key */
            stream->end = old_file_place(history->old);
            history_stream_load(aTHX_ history, stream);
            history->section.stream = NULL;
            return true;
        case SEEN_NO_MEMORY:
            croak("out of memory");
        }
    }
    if (is_taken)
        stream->end = old_file_place(history->old);
    return is_taken;
}

void history_stream_end(struct history_stream *stream)
{
    seen_clear(&stream->seen);
}

/* ---- reading the lines again ---- */

static const char changed[] = "another program has changed it";

/* Tells that a line cannot be read again. */
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

/* Whether AWStats leaves a line out. */
static bool is_left_out(const struct history_line *line)
{
    return record_field_is(&line->field[0], "0");
}

/* Makes a row of a line, unless the line's row has its numbers. */
static void load_line(pTHX_ struct history *history, const struct history_stream *stream,
                      const struct history_line *line)
{
    const struct field key = line->field[0];
    struct rows *rows = stream->section.rows;
    struct row *row = rows_find(rows, key.text, key.size);
    if (row && (row->mark & ROW_IN_FILE) && !(row->mark & ROW_LOADED))
        return;
    if (!row)
        row = rows_get(rows, key.text, key.size);
    if (!row)
        croak("out of memory");
    (void)stream->section.add(aTHX_ history, &stream->section, row, line);
    row->mark |= ROW_IN_FILE | ROW_LOADED;
}

void history_stream_load(pTHX_ struct history *history, struct history_stream *stream)
{
    const uint64_t place = old_file_place(history->old);
    old_file_go_to(history->old, stream->start);
    while (old_file_place(history->old) < stream->end) {
        struct history_line line;
        read_line(aTHX_ history, &line);
        if (!is_left_out(&line))
            load_line(aTHX_ history, stream, &line);
    }
    old_file_go_to(history->old, place);
    stream->is_used = false;
    seen_clear(&stream->seen);
    top_clear(&stream->top);
}

void history_give_back(pTHX_ struct history *history)
{
    for (unsigned i = 0; i < STREAMS; i++) {
        if (history->stream[i].is_used)
            history_stream_load(aTHX_ history, &history->stream[i]);
    }
    exchange_give_back(aTHX_ history->loop->exchange);
}

/* ---- writing ---- */

/* Writes a line, or its row, unless that is done. */
static void put_line(pTHX_ struct history *history, const struct history_stream *stream,
                     const struct history_line *line)
{
    const struct history_kind *kind = stream->kind;
    struct row *row = rows_find(stream->section.rows, line->field[0].text, line->field[0].size);
    if (!row) {
        row = row_of_line(aTHX_ history, stream, line);
    } else if (!(row->mark & ROW_IN_FILE)) {
        (void)stream->section.add(aTHX_ history, &stream->section, row, line);
        row->mark |= ROW_IN_FILE;
    }
    if (!row || (row->mark & ROW_WRITTEN) || !kind->has_line(row))
        return;
    kind->put_line(aTHX_ history, row);
    row->mark |= ROW_WRITTEN;
}

void history_stream_put(pTHX_ struct history *history, struct history_stream *stream,
                        uint64_t place)
{
    struct history_line line;
    const uint64_t next = old_file_place(history->old);
    old_file_go_to(history->old, place);
    read_line(aTHX_ history, &line);
    put_line(aTHX_ history, stream, &line);
    old_file_go_to(history->old, next);
}

/* Writes a line that has no row, if it stays as it is. */
static bool copy_line(pTHX_ struct history *history, const struct history_stream *stream,
                      const char *line, size_t size)
{
    const char *key_end = memchr(line, ' ', size);
    const size_t key_size = key_end ? (size_t)(key_end - line) : 0;
    if (!key_size || (key_size == 1 && *line == '0') ||
        rows_find(stream->section.rows, line, key_size))
        return false;
    return stream->kind->copy_line(aTHX_ history, line, size, key_size);
}

static int compare_places(const void *a, const void *b)
{
    const uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
    return (first > second) - (first < second);
}

/* Returns the places of the lines that were written as those that come first, in ascending order; perl
 * frees them. */
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

void history_stream_put_all(pTHX_ struct history *history, struct history_stream *stream)
{
    size_t count;
    const uint64_t *written = places_written(aTHX_ & stream->top, &count);
    const uint64_t next = old_file_place(history->old);
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
        if (stream->kind->copy_line && copy_line(aTHX_ history, stream, text, size))
            continue;
        if (!history_line_split(&line, text, size))
            fail(aTHX_ changed);
        if (!is_left_out(&line))
            put_line(aTHX_ history, stream, &line);
    }
    old_file_go_to(history->old, next);
}
