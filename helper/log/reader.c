#include "log/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/decode.h"
#include "log/decoded_values.h"
#include "log/event.h"
#include "log/foreign.h"
#include "log/joined.h"
#include "log/json_log.h"
#include "log/names.h"
#include "log/whole.h"
#include "normalized/clock.h"
#include "parquet/parquet.h"

struct reader {
    struct sort_writer *records, *events;
    struct lines *lines;
    struct digester *digester; /* NULL: none */
    struct decoded_values *agents;
    struct whole *whole; /* of an object that is read at once */
    struct log log;
    uint32_t object;
    bool keeps_places;
    const char *hosts; /* patterns of those whose records are read; NULL: all */
    struct reader_summary summary;
    uint64_t rows;          /* of an object that is read at once */
    const char *may_follow; /* the error if data goes on in the next line; NULL: none has begun */
    enum reader_reason reason;
    bool sort_failed;
    const char *error;
};

static const struct lines_taker taker;

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
    reader->log.given_delimiter = options->delimiter;
    reader->log.max_inflated = options->max_inflated ? options->max_inflated : PARQUET_UNPACKED_MAX;
    if (options->fields)
        layout_parse(&reader->log.given, options->fields);
    reader->keeps_places = options->keeps_places;
    reader->hosts = options->hosts;
    reader->lines = lines_new(&taker, reader);
    reader->whole = whole_new();
    reader->agents = decoded_values_new(decode_agent);
    reader->log.options.agents = reader->agents;
    reader->log.scratch = malloc(2 * LINES_SIZE_MAX + LINES_SLACK);
    if (!reader->lines || !reader->whole || !reader->agents || !reader->log.scratch) {
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
    whole_free(reader->whole);
    free(reader->log.scratch);
    free(reader);
}

void reader_begin(struct reader *reader, uint32_t object)
{
    struct log *log = &reader->log;
    reader->object = object;
    reader->summary = (struct reader_summary){0};
    reader->reason = READER_UNREADABLE;
    reader->sort_failed = false;
    reader->rows = 0;
    reader->error = reader->may_follow = NULL;
    log->has_header = log->is_streaming = log->is_foreign = false;
    log->header.field_count = 0;
    log->missing = 0;
    log->kept.is_kept = log->is_row_next = false;
    log_begin_part(log);
    normalized_log_begin(&log->normalized);
    lines_begin(reader->lines);
    whole_begin(reader->whole);
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

const struct reader_summary *reader_so_far(const struct reader *reader)
{
    return &reader->summary;
}

enum reader_reason reader_reason(const struct reader *reader)
{
    return reader->reason;
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

/* Returns the number of the line or row that was taken last, from 1. */
static uint64_t line_number(const struct reader *reader)
{
    return reader->rows ? reader->rows : lines_number(reader->lines);
}

static void count_bad(struct reader *reader, const char *error)
{
    if (!reader->summary.bad++) {
        reader->summary.first_bad_line = line_number(reader);
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
                         line_number(reader));
    memcpy(record + size - 1, place, (size_t)added);
    return size - 1 + (size_t)added;
}

/* Adds a row of a streaming log with its place: with control bytes as spaces, and CLIENT in place of
 * its c-ip. */
static bool add_raw_row(struct reader *reader, const char *row, size_t size, struct field client,
                        uint32_t time)
{
    const struct log *log = &reader->log;
    char *out = room(reader, reader->records, size + client.size + 1 + READER_PLACE_SIZE);
    if (!out)
        return false;
    struct field c_ip = fields_at(&log->fields, log->header.position[COLUMN_CLIENT]);
    size_t before = field_is_absent(c_ip) ? size : (size_t)(c_ip.text - row);
    char *o = mempcpy(out, row, before);
    if (before < size) {
        o = mempcpy(o, client.text, client.size);
        o = mempcpy(o, c_ip.text + c_ip.size, size - before - c_ip.size);
    }
    for (char *byte = out; byte < o; byte++)
        if ((unsigned char)*byte < ' ' && *byte != '\t')
            *byte = ' ';
    *o++ = '\n';
    sort_add(reader->records, time, reader->object, add_place(reader, out, (size_t)(o - out)));
    reader->summary.records++;
    return true;
}

/* Adds the event of a row; counts the row as bad if it has none. */
static bool add_event(struct reader *reader, const char *row, size_t row_size)
{
    struct log *log = &reader->log;
    char date_and_time[CLOCK_DATE_SIZE + 1 + CLOCK_TIME_SIZE];
    char client[CLIENT_SIZE];
    struct event event = {.object = reader->object};
    const char *error = normalize_time(&log->normalize, &log->fields, date_and_time, &event.time);
    if (!error)
        error = event_parse(&event, &log->header, &log->fields);
    if (error) {
        count_bad(reader, error);
        return true;
    }
    if (reader->hosts && !hosts_take_event(&reader->summary.hosts, reader->hosts, &event))
        return true;
    size_t client_size = client_put_c_ip(&log->options.client, event.text[EVENT_CLIENT], event.time,
                                         client); /* streaming logs have only c-ip */
    if (client_size)
        event.text[EVENT_CLIENT] = (struct field){client, client_size};
    if (reader->keeps_places)
        return add_raw_row(reader, row, row_size, event.text[EVENT_CLIENT], event.time);
    char *out = room(reader, reader->events, event_room(row_size) + sizeof client);
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
    struct field host;
    if (error) {
        count_bad(reader, error);
        return;
    }
    if (reader->hosts && column_get(record, size, COLUMN_HOST, &host) &&
        !hosts_take(&reader->summary.hosts, reader->hosts, host, reader->log.missing_host))
        return;
    if (reader->keeps_places)
        size = add_place(reader, record, size);
    sort_add(reader->records, time, reader->object, size);
    reader->summary.records++;
}

static bool add_row(struct reader *reader, size_t row_size)
{
    struct log *log = &reader->log;
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
    written = client_anonymize_record(&reader->log.options.client, out, written, time);
    add_record(reader, NULL, out, written, time);
    return true;
}

/* Takes what a format has read: ROW has SIZE bytes. */
static bool take(struct reader *reader, enum line_kind kind, const char *row, size_t size,
                 uint32_t time)
{
    struct log *log = &reader->log;
    switch (kind) {
    case LINE_ROW:
        return log->is_streaming ? add_event(reader, row, size) : add_row(reader, size);
    case LINE_RECORD:
        return pass_record(reader, row, size, time);
    case LINE_BAD:
        count_bad(reader, log->error);
        return true;
    case LINE_FOREIGN:
    case LINE_REFUSED:
        reader->reason = log->is_foreign   ? READER_FOREIGN
                         : log->is_unknown ? READER_UNKNOWN
                                           : READER_UNREADABLE;
        return fail(reader, log->error);
    case LINE_NOTHING:
    case LINE_MORE:
    case LINE_OTHER:
        break;
    }
    return true;
}

static enum lines_unit begin(void *user, const char *head, size_t size)
{
    struct log *log = &((struct reader *)user)->log;
    log->format = log->is_row_next ? NULL : format_find(log, head, size);
    log->is_row_next = false;
    return log->format ? log->format->unit : LINES_LINE;
}

/* Fails when data of another encoding begins in a line or value that is no good row, or goes on there.  The rest of the
 * object is lost, so the object is corrupt, and not only the line. */
static bool check_joined(struct reader *reader, const char *line, size_t size)
{
    bool is_certain;
    const char *error = joined_find_data(line, size, &is_certain);
    if (!is_certain && reader->may_follow && joined_is_binary(line, size))
        return fail(reader, reader->may_follow);
    if (error)
        reader->may_follow = error;
    return !is_certain || fail(reader, error);
}

/* The same for a row, before it is taken. */
static bool check_row(struct reader *reader, const char *line, size_t size)
{
    bool is_certain = false;
    reader->may_follow = reader->log.fields.are_plain
                             ? NULL
                             : joined_find_data_in_row(&reader->log, line, size, &is_certain);
    return !is_certain || fail(reader, reader->may_follow);
}

/* Begins with the log of another format that was joined to the one before, at a place in the line or value that is
 * taken. */
static bool begin_other(struct reader *reader, const char *from)
{
    log_keep_header(&reader->log);
    log_begin_part(&reader->log);
    lines_begin_again(reader->lines, from);
    return true;
}

/* Takes a line that may have another log or row behind its row.  A log that is certain (log/joined.h) is read.  The
 * records of any other log are bad, and so are other rows. */
static bool take_joined(struct reader *reader, enum line_kind kind, const char *line, size_t size,
                        uint32_t time)
{
    struct log *log = &reader->log;
    bool is_in_last = joined_is_in_last_value(log, kind, line, size);
    size_t record_at = joined_find_record(log, kind, line, size);
    size_t log_at = joined_find_log(log, line, size), at = log_at ? log_at : record_at;
    if (!at && kind == LINE_ROW && memchr(line, '{', size)) /* JSON has used log->scratch */
        kind = log->format->read(log, line, size, &time);
    if (!at)
        return take(reader, kind, line, size, time);
    enum line_kind first = log->format->read(log, line, at, &time);
    bool is_row = first == LINE_ROW && log->fields.count >= log->header.field_count;
    if (log_at && is_row && !log->header.has_visitor_last)
        return take(reader, first, line, at, time) && begin_other(reader, line + at);
    bool is_behind_bad_row = (log_at || line[at] == '{') && !is_row && line[at] != '#' &&
                             (first == LINE_ROW || (first == LINE_BAD && kind == LINE_BAD));
    size_t lost = joined_count_lost(log, line, size, at);
    kind = log->format->read(log, line, size, &time);
    bool is_value = kind == LINE_ROW && !is_row && !log->layout.is_open; /* and nothing else */
    bool is_unclear = !log_at && !is_value && !is_in_last;
    if (is_row || is_behind_bad_row || is_unclear)
        for (; lost; lost--)
            count_bad(reader, joined_error);
    if (is_unclear)
        kind = log_reject(log, joined_error);
    return take(reader, kind, line, size, time);
}

static bool take_line(void *user, const char *line, size_t size, bool is_cut)
{
    struct reader *reader = user;
    uint64_t bad = reader->summary.bad;
    struct log *log = &reader->log;
    uint32_t time = 0;
    log->line = lines_number(reader->lines);
    log->is_line_unended = lines_is_unended(reader->lines);
    bool is_usual = ascii_is_digit(*line); /* a row, which begins with its time */
    size_t blanks = 0;
    while (!is_usual && ascii_is_blank(line[blanks])) /* a line is never blank */
        blanks++;
    if ((line[blanks] == '{' || line[blanks] == '[') && log->format &&
        json_follows(log, line + blanks, size - blanks))
        return begin_other(reader, line + blanks);
    size_t names = is_usual ? 0 : joined_find_behind_names(log, line, size);
    if (names && !log_has_visitor_row(log, line, size))
        return take_line(reader, line, names, false) &&
               (ascii_is_digit(line[names]) ? take_line(reader, line + names, size - names, is_cut)
                                            : begin_other(reader, line + names));
    if (!log->format && !(log->format = format_find_line(log, line, size))) {
        reader->reason = READER_UNKNOWN;
        return fail(reader, foreign_unknown(line, size));
    }
    if (is_cut && log->format->skip) {
        log->format->skip(log);
        count_bad(reader, "the line has more than 256 KiB");
        return check_joined(reader, line, size);
    }
    enum line_kind kind = log->format->read(log, line, size, &time);
    if (kind == LINE_ROW && !check_row(reader, line, size))
        return false;
    bool is_taken = joined_may_follow(log, kind) ? take_joined(reader, kind, line, size, time)
                                                 : take(reader, kind, line, size, time);
    bool is_row = (kind == LINE_ROW || kind == LINE_RECORD) && reader->summary.bad == bad;
    return is_taken && (is_row || check_joined(reader, line, size));
}

static size_t take_value(void *user, const char *text, size_t size, bool is_end)
{
    struct reader *reader = user;
    size_t used = 0;
    uint64_t bad = reader->summary.bad;
    reader->log.line = lines_number(reader->lines);
    enum line_kind kind = reader->log.format->read_value(&reader->log, text, size, is_end, &used);
    if (kind == LINE_OTHER)
        begin_other(reader, text);
    if (kind == LINE_BAD)
        for (size_t more = joined_count_more(&reader->log, text, used); more; more--)
            count_bad(reader, joined_error);
    bool is_taken = take(reader, kind, text, used, 0), is_bad = reader->summary.bad > bad;
    if (kind == LINE_ROW && !is_bad)
        reader->may_follow = NULL;
    return is_taken && (!is_bad || check_joined(reader, text, used)) ? used : LINES_STOP;
}

static bool take_piece(void *user, const char *piece, size_t size)
{
    struct reader *reader = user;
    return whole_add(reader->whole, piece, size) || fail(reader, strerrordesc_np(errno));
}

static const struct lines_taker taker = {begin, take_line, take_value, take_piece};

/* Takes a row of an object that is read at once. */
static bool take_whole_row(void *user, size_t size)
{
    struct reader *reader = user;
    reader->rows++;
    if (size <= READER_ROW_MAX)
        return add_row(reader, size);
    count_bad(reader, "the values of the row have more than 256 KiB");
    return true;
}

static bool read_whole(struct reader *reader)
{
    struct log *log = &reader->log;
    size_t size;
    const unsigned char *data = whole_get(reader->whole, &size);
    if (!data)
        return fail(reader, strerrordesc_np(errno));
    if (log->format->read_whole(log, data, size, take_whole_row, reader))
        return true;
    if (log->is_foreign)
        reader->reason = READER_FOREIGN;
    return reader->error ? false : fail(reader, log->error);
}

/* Takes over the error of the lines, unless the reader has an error of its own. */
static bool done(struct reader *reader, bool succeeded)
{
    if (!succeeded && !reader->error)
        reader->error = lines_error(reader->lines);
    if (!succeeded && lines_is_packed_otherwise(reader->lines))
        reader->reason = READER_UNKNOWN;
    return succeeded;
}

bool reader_feed(struct reader *reader, const unsigned char *piece, size_t size)
{
    return done(reader, lines_feed(reader->lines, piece, size));
}

bool reader_end(struct reader *reader, struct reader_summary *summary)
{
    struct log *log = &reader->log;
    const struct format *format;
    if (!done(reader, lines_end(reader->lines)))
        return false;
    format = log->format;
    if (format && format->unit == LINES_WHOLE && !read_whole(reader))
        return false;
    if (format && format->end && !take(reader, format->end(log), "", 0, 0))
        return false;
    reader->summary.inner_bad = log->normalized.bad;
    reader->summary.inner_quarantined = log->normalized.quarantined;
    reader->summary.missing = log->missing;
    if (reader->digester)
        reader->summary.digest = digester_end(reader->digester);
    *summary = reader->summary;
    return true;
}
