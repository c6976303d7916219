#include "log/reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/decode.h"
#include "log/decoded_values.h"
#include "log/event.h"
#include "log/unsupported.h"
#include "normalized/clock.h"

struct reader {
    struct sort_writer *records, *events;
    struct lines *lines;
    struct digester *digester; /* NULL: none */
    struct decoded_values *agents;
    struct log log;
    uint32_t object;
    bool keeps_places;
    struct reader_summary summary;
    bool sort_failed;
    const char *error;
};

static lines_take take_line;

struct reader *reader_new(struct sort_writer *records, struct sort_writer *events,
                          const struct reader_options *options)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    reader->records = records;
    reader->events = events;
    reader->log.options = options->normalize;
    reader->log.kinds = options->kinds;
    reader->keeps_places = options->keeps_places;
    reader->lines = lines_new(take_line, reader);
    reader->agents = decoded_values_new(decode_agent);
    reader->log.options.agents = reader->agents;
    if (!reader->lines || !reader->agents) {
        reader_free(reader);
        return NULL;
    }
    lines_set_max_inflated(reader->lines, options->max_inflated);
    if (options->has_digest)
        reader->digester = digester_new();
    lines_set_digester(reader->lines, reader->digester);
    return reader;
}

void reader_free(struct reader *reader)
{
    if (!reader)
        return;
    lines_free(reader->lines);
    digester_free(reader->digester);
    decoded_values_free(reader->agents);
    free(reader);
}

void reader_begin(struct reader *reader, uint32_t object)
{
    struct log *log = &reader->log;
    reader->object = object;
    reader->summary = (struct reader_summary){0};
    reader->sort_failed = false;
    reader->error = NULL;
    log->format = NULL;
    log->has_header = log->is_streaming = false;
    log->header.field_count = 0;
    log->separator = SEPARATOR_UNKNOWN;
    log->fields.are_plain = false;
    log->missing = 0;
    normalized_log_begin(&log->normalized);
    lines_begin(reader->lines);
}

const char *reader_error(const struct reader *reader)
{
    return reader->error ? reader->error : "";
}

bool reader_get_header(const struct reader *reader, struct reader_header *header)
{
    const struct log *log = &reader->log;
    *header = (struct reader_header){.is_streaming = log->is_streaming,
                                     .is_normalized = log->normalized.state != NORMALIZED_NONE,
                                     .field_count = log->header.field_count,
                                     .missing = log->missing};
    return log->has_header;
}

bool reader_sort_failed(const struct reader *reader)
{
    return reader->sort_failed;
}

static bool fail(struct reader *reader, const char *error)
{
    reader->error = error;
    return false;
}

static void count_bad(struct reader *reader, const char *error)
{
    if (!reader->summary.bad++) {
        reader->summary.first_bad_line = lines_number(reader->lines);
        reader->summary.first_bad_error = error;
    }
}

/* Returns room in a sort; NULL after an error. */
static char *room(struct reader *reader, struct sort_writer *writer, size_t size)
{
    char *out = sort_room(writer, size);
    if (!out) {
        reader->sort_failed = true;
        fail(reader, "the records cannot be sorted");
    }
    return out;
}

/* Replaces the LF at the end of a record by its place; returns its new size. */
static size_t add_place(const struct reader *reader, char *record, size_t size)
{
    char place[READER_PLACE_SIZE + 2];
    int added = snprintf(place, sizeof place, "\t%" PRIu32 "\t%" PRIu64 "\n", reader->object,
                         lines_number(reader->lines));
    memcpy(record + size - 1, place, (size_t)added);
    return size - 1 + (size_t)added;
}

/* Adds a row of a streaming log, with control bytes as spaces, and its place. */
static bool add_raw_row(struct reader *reader, const char *row, size_t size, uint32_t time)
{
    char *out = room(reader, reader->records, size + 1 + READER_PLACE_SIZE);
    if (!out)
        return false;
    for (size_t i = 0; i < size; i++)
        out[i] = (unsigned char)row[i] < ' ' && row[i] != '\t' ? ' ' : row[i];
    out[size] = '\n';
    sort_add(reader->records, time, reader->object, add_place(reader, out, size + 1));
    reader->summary.records++;
    return true;
}

/* Adds the event of a row; counts the row as bad if it has none. */
static bool add_event(struct reader *reader, const char *row, size_t row_size)
{
    const struct log *log = &reader->log;
    char date_and_time[CLOCK_DATE_SIZE + 1 + CLOCK_TIME_SIZE];
    struct event event = {.object = reader->object};
    const char *error = normalize_time(&log->normalize, &log->fields, date_and_time, &event.time);
    if (!error)
        error = event_parse(&event, &log->header, &log->fields);
    if (error) {
        count_bad(reader, error);
        return true;
    }
    if (reader->keeps_places)
        return add_raw_row(reader, row, row_size, event.time);
    char *out = room(reader, reader->events, event_room(row_size));
    if (!out)
        return false;
    sort_add(reader->events, event.time, SORT_NO_OBJECT | event.connection_hash,
             event_write(&event, out));
    reader->summary.records++;
    return true;
}

/* Adds the record that was written to the room, or counts its row as bad. */
static void add_record(struct reader *reader, const char *error, char *record, size_t size,
                       uint32_t time)
{
    if (!error && size > READER_ROW_MAX + 1)
        error = "the line has more than 256 KiB after its special characters are encoded as %XX";
    if (error) {
        count_bad(reader, error);
        return;
    }
    if (reader->keeps_places)
        size = add_place(reader, record, size);
    sort_add(reader->records, time, reader->object, size);
    reader->summary.records++;
}

static bool add_row(struct reader *reader, size_t row_size)
{
    const struct log *log = &reader->log;
    size_t size = 0;
    uint32_t time = 0;
    char *out = room(reader, reader->records, normalize_room(row_size) + READER_PLACE_SIZE);
    if (!out)
        return false;
    const char *error = normalize_row(&log->normalize, &log->fields, out, &size, &time);
    add_record(reader, error, out, size, time);
    return true;
}

static bool pass_record(struct reader *reader, const char *line, size_t size, uint32_t time)
{
    char *out = room(reader, reader->records, normalize_room(size) + READER_PLACE_SIZE);
    if (!out)
        return false;
    size_t written = normalized_log_put(&reader->log.normalized, line, size, out);
    add_record(reader, NULL, out, written, time);
    return true;
}

static bool take_line(void *context, const char *line, size_t size, bool is_cut)
{
    struct reader *reader = context;
    struct log *log = &reader->log;
    uint32_t time = 0;
    if (!log->format && !(log->format = format_find(line, size)))
        return fail(reader, unsupported_name(line, size));
    if (is_cut) {
        log->format->skip(log);
        count_bad(reader, "the line has more than 256 KiB");
        return true;
    }
    switch (log->format->read(log, line, size, &time)) {
    case LINE_ROW:
        return log->is_streaming ? add_event(reader, line, size) : add_row(reader, size);
    case LINE_RECORD:
        return pass_record(reader, line, size, time);
    case LINE_BAD:
        count_bad(reader, log->error);
        return true;
    case LINE_REFUSED:
        return fail(reader, log->error);
    case LINE_NOTHING:
        break;
    }
    return true;
}

/* Takes over the error of the lines, unless the reader has an error of its own. */
static bool done(struct reader *reader, bool succeeded)
{
    if (!succeeded && !reader->error)
        reader->error = lines_error(reader->lines);
    return succeeded;
}

bool reader_feed(struct reader *reader, const unsigned char *piece, size_t size)
{
    return done(reader, lines_feed(reader->lines, piece, size));
}

bool reader_end(struct reader *reader, struct reader_summary *summary)
{
    const struct log *log = &reader->log;
    if (!done(reader, lines_end(reader->lines)))
        return false;
    const char *error = log->format ? log->format->end(log) : NULL;
    if (error)
        return fail(reader, error);
    reader->summary.inner_bad = log->normalized.bad;
    reader->summary.inner_quarantined = log->normalized.quarantined;
    reader->summary.missing = log->missing;
    if (reader->digester)
        reader->summary.digest = digester_end(reader->digester);
    *summary = reader->summary;
    return true;
}
