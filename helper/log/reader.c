#include "log/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "normalized/clock.h"
#include "log/event.h"
#include "log/fields.h"
#include "normalized/frame.h"
#include "log/header.h"
#include "gzip/inflate.h"
#include "text/buffer.h"

/* Text is inflated behind what is left of an unfinished row. */
enum { TEXT_SIZE = 256 * 1024, BUFFER_SIZE = READER_ROW_MAX + 2 + TEXT_SIZE };

struct reader {
    struct sort_writer *records, *events;
    enum reader_kinds kinds;
    struct inflate *inflate;
    struct header header;
    struct normalize normalize;
    struct reader_summary summary;
    uint32_t object;
    enum { FORMAT_UNKNOWN, FORMAT_PLAIN, FORMAT_GZIP } format;
    unsigned char magic[2]; /* an object's first bytes, until there are enough to tell */
    size_t magic_size;
    char *text;  /* BUFFER_SIZE bytes */
    size_t left; /* of an unfinished row, at the text's begin */
    uint64_t line;
    bool skipping;          /* the rest of a row that is too long */
    bool has_text;          /* a line that is not empty */
    bool has_header;        /* #Fields: was read */
    bool has_row;           /* a row that was split */
    bool has_unsplit;       /* a row that could not be split */
    bool is_streaming;      /* the header is a streaming log's */
    bool software;          /* #Software: awstats-cloudfront: the log is normalized already */
    bool ended;             /* #End: was read */
    uint64_t inner_records; /* of the normalized log that is being read */
    bool sort_failed;
    struct buffer batch_lines;
    char problem[256];
};

struct reader *reader_new(struct sort_writer *records, struct sort_writer *events,
                          const struct reader_options *options)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    reader->records = records;
    reader->events = events;
    reader->kinds = options->kinds;
    reader->normalize.options = options->normalize;
    reader->normalize.header = &reader->header;
    reader->inflate = inflate_new();
    reader->text = malloc(BUFFER_SIZE);
    if (!reader->inflate || !reader->text) {
        reader_free(reader);
        return NULL;
    }
    return reader;
}

void reader_free(struct reader *reader)
{
    if (!reader)
        return;
    inflate_free(reader->inflate);
    buffer_free(&reader->batch_lines);
    free(reader->text);
    free(reader);
}

void reader_begin(struct reader *reader, uint32_t object)
{
    reader->object = object;
    reader->summary = (struct reader_summary){0};
    reader->format = FORMAT_UNKNOWN;
    reader->magic_size = reader->left = 0;
    reader->line = 0;
    reader->skipping = reader->has_text = reader->has_header = reader->has_row = false;
    reader->has_unsplit = false;
    reader->is_streaming = reader->software = reader->ended = reader->sort_failed = false;
    reader->problem[0] = '\0';
    buffer_clear(&reader->batch_lines);
    inflate_begin(reader->inflate);
}

const char *reader_batch_lines(const struct reader *reader)
{
    return reader->batch_lines.size ? reader->batch_lines.data : "";
}

const char *reader_problem(const struct reader *reader)
{
    return reader->problem;
}

bool reader_get_header(const struct reader *reader, struct reader_header *header)
{
    *header = (struct reader_header){.is_streaming = reader->is_streaming,
                                     .is_normalized = reader->software,
                                     .field_count = reader->header.field_count};
    return reader->has_header;
}

bool reader_sort_failed(const struct reader *reader)
{
    return reader->sort_failed;
}

static bool fail(struct reader *reader, const char *problem)
{
    snprintf(reader->problem, sizeof reader->problem, "%s", problem);
    return false;
}

static void count_bad(struct reader *reader, const char *cause)
{
    if (!reader->summary.bad++) {
        reader->summary.first_bad_line = reader->line;
        reader->summary.first_bad_cause = cause;
    }
}

static void count_long_row(struct reader *reader)
{
    reader->line++;
    reader->inner_records += reader->software;
    count_bad(reader, "a row of more than 256 KiB");
}

static bool begins(const char *line, size_t size, const char *with)
{
    size_t with_size = strlen(with);
    return size >= with_size && !memcmp(line, with, with_size);
}

static bool has_control(const char *line, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)line[i] < ' ' && line[i] != '\t')
            return true;
    return false;
}

/* What a log without a #Fields header is, by its first row. */
static const char *name_headerless(const char *line, size_t size)
{
    size_t digits = 0;
    uint32_t days;
    while (digits < size && line[digits] >= '0' && line[digits] <= '9')
        digits++;
    if (begins(line, size, "PAR1"))
        return "a Parquet file, which is not read; choose w3c as the log's format";
    if (has_control(line, size))
        return "binary data, not a CloudFront log";
    if (line[0] == '{')
        return "a log in JSON format, which is not read; choose w3c as the log's format";
    if (digits == 10 && size > 14 && line[10] == '.' && line[14] == '\t')
        return "a real-time log, which is not read; use standard logs";
    if (size >= CLOCK_DATE_SIZE && clock_parse_date(line, CLOCK_DATE_SIZE, &days))
        return "a log without its #Fields header, which is needed to tell the columns";
    return "not a CloudFront log: it does not begin with #Version or #Fields";
}

static bool read_header(struct reader *reader, const char *names, size_t size)
{
    static const enum column needed[] = {COLUMN_CLIENT, COLUMN_METHOD, COLUMN_STEM, COLUMN_STATUS,
                                         COLUMN_BYTES};
    struct header *header = &reader->header;
    const char *problem = header_parse(header, names, size);
    if (problem)
        return fail(reader, problem);
    if (reader->ended)
        reader->software = false; /* another log follows in the same object */
    reader->is_streaming = header_is_streaming(header);
    if (reader->is_streaming && reader->kinds == READER_DOWNLOAD)
        return fail(reader, "a streaming (RTMP) log, but type is download");
    if (!reader->is_streaming && !reader->software && reader->kinds == READER_STREAMING)
        return fail(reader, "a download log, but type is streaming");
    if (reader->software && !header_is_normalized(header))
        return fail(reader, "normalized by another version of awstats-cloudfront; "
                            "normalize the original again");
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!reader->is_streaming && !header_has(header, needed[i]))
            reader->summary.missing |= 1u << needed[i];
    reader->has_header = true;
    reader->has_row = reader->has_unsplit = false;
    return true;
}

/* The end of a normalized log: it must have had as many records as it says. */
static bool read_end(struct reader *reader, const char *line, size_t size)
{
    struct frame_end end;
    if (!frame_parse_end(line, size, &end))
        return fail(reader, "the #End line is not one of awstats-cloudfront's");
    if (end.records != reader->inner_records)
        return fail(reader, "truncated: the #End line counts other records than there are");
    reader->summary.inner_bad += end.bad;
    reader->summary.inner_aside += end.aside;
    reader->ended = true;
    return true;
}

static bool read_directive(struct reader *reader, const char *line, size_t size)
{
    if (begins(line, size, "#Fields:"))
        return read_header(reader, line + 8, size - 8);
    if (begins(line, size, FRAME_SOFTWARE)) {
        if (reader->software && !reader->ended)
            return fail(reader, "truncated: a normalized log has no #End line");
        reader->software = true;
        reader->ended = false;
        reader->inner_records = 0;
    } else if (reader->software && frame_is_of_batch(line, size)) {
        buffer_add(&reader->batch_lines, line, size);
        buffer_add(&reader->batch_lines, "\n", 1);
    } else if (reader->software && begins(line, size, FRAME_END)) {
        return read_end(reader, line, size);
    }
    return true;
}

/* Tells by the first row how the log's fields are separated.  False: this row does not tell. */
static bool find_separator(struct reader *reader, const char *line, size_t size)
{
    bool has_tab = memchr(line, '\t', size) != NULL;
    if (!has_tab && reader->header.field_count > 1) {
        fields_split_space(&reader->normalize.fields, line, size, &reader->header);
        if (reader->normalize.fields.count != reader->header.field_count)
            return false;
    }
    reader->normalize.space_separated = !has_tab;
    return true;
}

/* A record of a log that is normalized already goes through as it is. */
static const char *pass_record(struct reader *reader, const char *line, size_t size, char *out,
                               size_t *out_size, uint32_t *time)
{
    const size_t time_at = CLOCK_DATE_SIZE + 1, rest = time_at + CLOCK_TIME_SIZE;
    uint32_t days, seconds;
    size_t tabs = 0;
    reader->inner_records++;
    for (size_t i = 0; i < size; i++)
        tabs += line[i] == '\t';
    if (tabs != COLUMN_COUNT - 1 || size <= rest || has_control(line, size) ||
        !clock_parse_date(line, CLOCK_DATE_SIZE, &days) ||
        !clock_parse_time(line + time_at, CLOCK_TIME_SIZE, &seconds))
        return "not a record of a normalized log";
    *time = days * 86400 + seconds;
    memcpy(out, line, size);
    out[size] = '\n';
    *out_size = size + 1;
    return NULL;
}

/* A row of a streaming log becomes an event. */
static const char *read_event(struct reader *reader, const char *line, size_t size, char *out,
                              size_t *out_size, uint32_t *time, uint32_t *hash)
{
    char time_text[CLOCK_DATE_SIZE + 1 + CLOCK_TIME_SIZE];
    struct event event = {.object = reader->object};
    if (size > READER_EVENT_MAX)
        return "an event of more than 40 KiB";
    if (reader->normalize.space_separated && memchr(line, '\t', size))
        return "a TAB in a row that spaces separate";
    const char *cause = normalize_split(&reader->normalize, line, size);
    if (!cause)
        cause = normalize_time(&reader->normalize, time_text, time);
    if (!cause)
        cause = event_parse(&event, &reader->header, &reader->normalize.fields);
    if (!cause) {
        *out_size = event_write(&event, out);
        *hash = event_connection_hash(&event);
    }
    return cause;
}

/* A row of a download log, or of a normalized one, becomes a record. */
static const char *read_record(struct reader *reader, const char *line, size_t size, char *out,
                               size_t *out_size, uint32_t *time)
{
    const char *cause = reader->software
                            ? pass_record(reader, line, size, out, out_size, time)
                            : normalize_row(&reader->normalize, line, size, out, out_size, time);
    if (!cause && *out_size > READER_ROW_MAX + 1)
        cause = "a record of more than 256 KiB"; /* encoding made it longer than its row */
    return cause;
}

static bool read_row(struct reader *reader, const char *line, size_t size)
{
    if (reader->software && reader->ended)
        return fail(reader, "records behind the #End line of a normalized log");
    if (!reader->has_row && !reader->software && !find_separator(reader, line, size)) {
        reader->has_unsplit = true;
        count_bad(reader, "fields are not separated by TAB or space");
        return true;
    }
    reader->has_row = true;
    struct sort_writer *writer = reader->is_streaming ? reader->events : reader->records;
    char *out = sort_room(writer, reader->is_streaming ? event_room(size) : normalize_room(size));
    if (!out) {
        reader->sort_failed = true;
        return fail(reader, "the records cannot be sorted");
    }
    size_t out_size;
    uint32_t time, object = reader->object, hash = 0;
    const char *cause = reader->is_streaming
                            ? read_event(reader, line, size, out, &out_size, &time, &hash)
                            : read_record(reader, line, size, out, &out_size, &time);
    if (cause) {
        count_bad(reader, cause);
        return true;
    }
    sort_add(writer, time, reader->is_streaming ? SORT_NO_OBJECT | hash : object, out_size);
    reader->summary.records++;
    return true;
}

/* Reads a line without its LF. */
static bool read_line(struct reader *reader, const char *line, size_t size)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    if (++reader->line == 1 && begins(line, size, byte_order_mark)) {
        line += sizeof byte_order_mark - 1;
        size -= sizeof byte_order_mark - 1;
    }
    if (size && line[size - 1] == '\r')
        size--;
    if (!size)
        return true;
    reader->has_text = true;
    if (line[0] == '#')
        return read_directive(reader, line, size);
    if (!reader->has_header)
        return fail(reader, name_headerless(line, size));
    return read_row(reader, line, size);
}

/* Reads the whole lines of the text, SIZE bytes, and moves what is left of the last to its begin.
 */
static bool read_text(struct reader *reader, size_t size)
{
    char *s = reader->text, *end = s + size, *lf;
    while ((lf = memchr(s, '\n', (size_t)(end - s)))) {
        if (reader->skipping)
            reader->skipping = false;
        else if ((size_t)(lf - s) > READER_ROW_MAX)
            count_long_row(reader);
        else if (!read_line(reader, s, (size_t)(lf - s)))
            return false;
        s = lf + 1;
    }
    reader->left = (size_t)(end - s);
    if (reader->left > READER_ROW_MAX + 1) {
        if (!reader->has_header)
            return fail(reader, name_headerless(s, reader->left));
        if (!reader->skipping)
            count_long_row(reader);
        reader->skipping = true;
    }
    if (reader->skipping)
        reader->left = 0;
    memmove(reader->text, s, reader->left);
    return true;
}

static bool feed_plain(struct reader *reader, const unsigned char *piece, size_t size)
{
    while (size) {
        size_t room = BUFFER_SIZE - reader->left, take = size < room ? size : room;
        memcpy(reader->text + reader->left, piece, take);
        piece += take;
        size -= take;
        if (!read_text(reader, reader->left + take))
            return false;
    }
    return true;
}

static bool feed_gzip(struct reader *reader, const unsigned char *piece, size_t size)
{
    size_t room, written;
    do {
        room = written = BUFFER_SIZE - reader->left;
        if (!inflate_run(reader->inflate, &piece, &size,
                         (unsigned char *)reader->text + reader->left, &written))
            return fail(reader, "corrupt gzip data");
        if (!read_text(reader, reader->left + written))
            return false;
    } while (size || written == room);
    return true;
}

static bool feed(struct reader *reader, const unsigned char *piece, size_t size)
{
    return reader->format == FORMAT_GZIP ? feed_gzip(reader, piece, size)
                                         : feed_plain(reader, piece, size);
}

bool reader_feed(struct reader *reader, const unsigned char *piece, size_t size)
{
    while (reader->format == FORMAT_UNKNOWN && size) {
        reader->magic[reader->magic_size++] = *piece++;
        size--;
        if (reader->magic_size < sizeof reader->magic)
            continue;
        reader->format = inflate_is_gzip(reader->magic, 2) ? FORMAT_GZIP : FORMAT_PLAIN;
        if (!feed(reader, reader->magic, reader->magic_size))
            return false;
    }
    return !size || feed(reader, piece, size);
}

bool reader_end(struct reader *reader, struct reader_summary *summary)
{
    if (reader->format == FORMAT_UNKNOWN && reader->magic_size) {
        reader->format = FORMAT_PLAIN;
        if (!feed(reader, reader->magic, reader->magic_size))
            return false;
    }
    if (reader->format == FORMAT_GZIP && !inflate_is_complete(reader->inflate))
        return fail(reader, "truncated gzip data");
    if (reader->left) {
        size_t left = reader->left;
        reader->left = 0;
        if (left > READER_ROW_MAX)
            count_long_row(reader);
        else if (!read_line(reader, reader->text, left))
            return false;
    }
    if (reader->has_text && !reader->has_header)
        return fail(reader, "not a CloudFront log: it has no #Fields header");
    if (reader->software && !reader->ended)
        return fail(reader, "truncated: a normalized log has no #End line");
    if (reader->has_unsplit && !reader->has_row)
        return fail(reader, "fields are separated by neither TAB nor space; "
                            "choose TAB as the log's delimiter");
    *summary = reader->summary;
    return true;
}
