#include "feed/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feed/line_source.h"
#include "normalized/batch_id.h"
#include "normalized/columns.h"
#include "normalized/frame.h"
#include "version.h"

/* The advice for a log that has ended early, and for a log that awstats-cloudfront cat has not written
 * like this. */
#define RUN_AGAIN "; check LogFile, and run the update again"
#define UNCHANGED                                                                                  \
    "; make one awstats-cloudfront cat the last command in LogFile, so that nothing changes its "  \
    "output"

enum {
    PIPE_SIZE = 1 << 20, /* the default of /proc/sys/fs/pipe-max-size */
    DATE_SIZE = 16,      /* "YYYY-MM-DD HH:MM" */
};

/* What the next line may be.  Other header lines are accepted wherever one may come. */
enum state {
    AT_VERSION,
    BEFORE_SOFTWARE, /* #Software: awstats-cloudfront must come */
    BEFORE_FIELDS,
    IN_HEADER, /* #Software and #Fields have come */
    IN_RECORDS,
    AFTER_END,
    BROKEN
};

struct feed {
    struct line_source source;
    enum state state;
    enum feed_kind kind;
    uint64_t offset, records;
    char software[48]; /* the version that #Software names, cut to this size */
    char *batch, *site, *formerly, *history, *previous, *files, *replaces;

    size_t date_length;   /* bytes of a record's date and time that determine its period */
    char date[DATE_SIZE]; /* of the record before */

    /* The line returned last: */
    struct log_line line; /* the text is NULL when the line is not a record */
    bool new_period;
    enum { NOT_SPLIT_YET, SPLIT, CANNOT_BE_SPLIT } split; /* without line.record */
    struct record record;

    char error[256];
};

static struct feed *make(int fd, const struct normalized_stream *stream)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (feed && !line_source_open(&feed->source, fd, stream)) {
        free(feed);
        return NULL;
    }
    return feed;
}

struct feed *feed_new(int fd)
{
    struct feed *feed = make(fd, NULL);
#ifdef F_SETPIPE_SZ
    /* Errors are ignored: a pipe that may not grow is only slower, and FD need not be a pipe. */
    (void)fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
#endif
    return feed;
}

struct feed *feed_new_stream(const struct normalized_stream *stream)
{
    return make(-1, stream);
}

void feed_free(struct feed *feed)
{
    if (feed) {
        line_source_close(&feed->source);
        free(feed->batch);
        free(feed->site);
        free(feed->formerly);
        free(feed->history);
        free(feed->previous);
        free(feed->files);
        free(feed->replaces);
    }
    free(feed);
}

void feed_watch(struct feed *feed, size_t date_length)
{
    feed->date_length = date_length < DATE_SIZE ? date_length : DATE_SIZE;
}

const char *feed_batch(const struct feed *feed)
{
    return feed->batch;
}

const char *feed_site(const struct feed *feed)
{
    return feed->site;
}

const char *feed_formerly(const struct feed *feed)
{
    return feed->formerly;
}

const char *feed_history(const struct feed *feed)
{
    return feed->history;
}

const char *feed_previous(const struct feed *feed)
{
    return feed->previous;
}

const char *feed_files(const struct feed *feed)
{
    return feed->files;
}

const char *feed_replaces(const struct feed *feed)
{
    return feed->replaces;
}

bool feed_new_period(const struct feed *feed)
{
    return feed->new_period;
}

uint64_t feed_records(const struct feed *feed)
{
    return feed->records;
}

const char *feed_error(const struct feed *feed)
{
    return feed->state == BROKEN ? feed->error : NULL;
}

uint64_t feed_offset(const struct feed *feed)
{
    return feed->offset;
}

enum feed_kind feed_kind(const struct feed *feed)
{
    return feed->kind;
}

bool feed_at_end(const struct feed *feed)
{
    return feed->source.at_eof;
}

__attribute__((format(printf, 2, 3))) static enum feed_result broken(struct feed *feed,
                                                                     const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(feed->error, sizeof feed->error, format, arguments);
    va_end(arguments);
    feed->state = BROKEN;
    return FEED_BROKEN;
}

/* Returns the feed's result for a result of the source other than a line. */
static enum feed_result without_line(struct feed *feed, enum line_result result)
{
    switch (result) {
    case LINE_INTERRUPTED:
        return FEED_INTERRUPTED;
    case LINE_IS_CUT:
        return broken(feed, "it ends in the middle of a line" RUN_AGAIN);
    case LINE_IS_LONG:
        return broken(feed,
                      "it has a line of more than %d MiB, which awstats-cloudfront cat never "
                      "writes; correct LogFile",
                      LINE_MAX_SIZE >> 20);
    case LINE_NO_MEMORY:
        return broken(
            feed,
            "memory ran out at a line of %zu bytes; free or add memory, and run the update again",
            feed->source.capacity);
    case LINE_UNREADABLE:
        return broken(feed, "it could not be read: %s", strerror(errno));
    default:
        break;
    }
    if (feed->state == AFTER_END)
        return FEED_END;
    return feed->offset
               ? broken(feed, "it is truncated: its last line, #End, is missing" RUN_AGAIN)
               : broken(feed, "it is empty: the program that writes it has failed, and its "
                              "message says why" RUN_AGAIN);
}

static enum feed_result check_end(struct feed *feed, struct field value)
{
    struct frame_end end;
    if (!frame_read_end(value, &end))
        return broken(feed, "its last line, #End, is malformed" RUN_AGAIN);
    if (end.records != feed->records)
        return broken(feed, "its last line, #End, counts %llu records, but %llu arrived" RUN_AGAIN,
                      (unsigned long long)end.records, (unsigned long long)feed->records);
    feed->state = AFTER_END;
    return FEED_LINE;
}

/* Keeps the value of a header line that may come once. */
static enum feed_result keep(struct feed *feed, char **kept, const char *name, struct field value)
{
    if (*kept)
        return broken(feed, "its header has the line %s twice" UNCHANGED, name);
    *kept = strndup(value.text, value.size);
    return *kept
               ? FEED_LINE
               : broken(
                     feed,
                     "memory ran out at its header; free or add memory, and run the update again");
}

static enum feed_result check_software(struct feed *feed, struct field version)
{
    size_t size = 0;
    while (size < version.size && size < sizeof feed->software - 1 && version.text[size] > ' ' &&
           version.text[size] <= '~')
        size++;
    snprintf(feed->software, sizeof feed->software, "%.*s", (int)size, version.text);
    if (feed->state == BEFORE_SOFTWARE)
        feed->state = BEFORE_FIELDS;
    return FEED_LINE;
}

static enum feed_result check_fields(struct feed *feed, struct field names)
{
    if (feed->state == BEFORE_SOFTWARE)
        return FEED_LINE;
    if (!frame_names_all_columns(names))
        return broken(feed,
                      "it comes from awstats-cloudfront %s, whose columns are not those of this "
                      "plugin, version %s; install the program and the plugin of one version",
                      feed->software, VERSION);
    feed->state = IN_HEADER;
    return FEED_LINE;
}

static enum feed_result check_header(struct feed *feed, enum frame_line line, struct field value)
{
    bool is_id = is_batch_id(value.text, value.size);
    switch (line) {
    case FRAME_SOFTWARE:
        return check_software(feed, value);
    case FRAME_FIELDS:
        return check_fields(feed, value);
    case FRAME_BATCH:
        return is_id ? keep(feed, &feed->batch, "#Batch", value)
                     : broken(feed, "its header line #Batch is malformed" UNCHANGED);
    case FRAME_SITE:
        return keep(feed, &feed->site, "#Site", value);
    case FRAME_FORMERLY:
        return keep(feed, &feed->formerly, "#Formerly", value);
    case FRAME_HISTORY:
        return keep(feed, &feed->history, "#History", value);
    case FRAME_PREVIOUS:
        return is_id ? keep(feed, &feed->previous, "#Previous", value)
                     : broken(feed, "its header line #Previous is malformed" UNCHANGED);
    case FRAME_FILES:
        return frame_has_files(value)
                   ? keep(feed, &feed->files, "#Files", value)
                   : broken(feed, "its header line #Files is malformed" UNCHANGED);
    case FRAME_REPLACES:
        return frame_has_ids(value)
                   ? keep(feed, &feed->replaces, "#Replaces", value)
                   : broken(feed, "its header line #Replaces is malformed" UNCHANGED);
    default:
        return FEED_LINE;
    }
}

static enum feed_kind kind_of(const char *line, size_t size)
{
    struct field event;
    if (!column_get(line, size, COLUMN_EVENT, &event))
        return FEED_DOWNLOAD;
    return event.size > 0 && *event.text == '-' ? FEED_DOWNLOAD : FEED_STREAMING;
}

static enum feed_result check_record(struct feed *feed, const struct log_line *line)
{
    const char *text = line->text;
    if (feed->records++ == 0)
        feed->kind = kind_of(text, line->size);
    if (feed->batch && line->size > DATE_SIZE &&
        (feed->records == 1 || memcmp(feed->date, text, feed->date_length) != 0)) {
        feed->new_period = true;
        memcpy(feed->date, text, feed->date_length);
    }
    feed->line = *line;
    return FEED_LINE;
}

uint64_t feed_expected_records(const struct feed *feed)
{
    const struct normalized_stream *stream = feed->source.stream;
    return stream && stream->records ? stream->records(stream->user) : 0;
}

void feed_take_lines(const struct feed *feed)
{
    const struct normalized_stream *stream = feed->source.stream;
    if (stream && stream->take_lines)
        stream->take_lines(stream->user);
}

const struct record *feed_next_records(const struct feed *feed, size_t *count)
{
    const struct normalized_block *block = &feed->source.block;
    *count = block->records - feed->source.next_record;
    return *count ? &block->record[feed->source.next_record] : NULL;
}

const struct record *feed_record(struct feed *feed)
{
    const struct log_line *line = &feed->line;
    if (line->record || !line->text)
        return line->record;
    if (feed->split == NOT_SPLIT_YET)
        feed->split = record_split(&feed->record, line->text, line->size) ? SPLIT : CANNOT_BE_SPLIT;
    return feed->split == SPLIT ? &feed->record : NULL;
}

/* Checks the header as a whole, after the first line behind it has come. */
static enum feed_result end_header(struct feed *feed)
{
    if (feed->state != IN_HEADER)
        return broken(feed, "it is not the output of awstats-cloudfront cat (the header lacks "
                            "#Software: awstats-cloudfront, or #Fields after it); make "
                            "awstats-cloudfront cat the last command in LogFile");
    if (!feed->batch != !feed->site)
        return broken(
            feed, "its header has one of the lines #Batch and #Site without the other" UNCHANGED);
    if (!feed->batch && (feed->previous || feed->replaces))
        return broken(feed,
                      "its header has a line #Previous or #Replaces without #Batch" UNCHANGED);
    if (!feed->batch && (feed->formerly || feed->history || feed->files))
        return broken(
            feed, "its header has a line #Formerly, #History or #Files without #Batch" UNCHANGED);
    feed->state = IN_RECORDS;
    return FEED_LINE;
}

static enum feed_result check_version(struct feed *feed, enum frame_line line, struct field value)
{
    if (line != FRAME_VERSION || value.size != 3 || memcmp(value.text, "1.0", 3) != 0)
        return broken(feed, "it is not the output of awstats-cloudfront cat (#Version: 1.0 is "
                            "missing); make awstats-cloudfront cat the last command in LogFile");
    feed->state = BEFORE_SOFTWARE;
    return FEED_LINE;
}

/* Checks a line, and goes to the state that follows it. */
static enum feed_result check_line(struct feed *feed, const struct log_line *line)
{
    struct field value = {line->text, line->size - 1};
    enum frame_line kind = FRAME_OTHER;
    bool is_record = line->text[0] != '#';
    if (feed->state == IN_RECORDS && is_record)
        return check_record(feed, line);
    if (!is_record)
        kind = frame_read_line(line->text, line->size - 1, &value);
    if (feed->state == AFTER_END)
        return broken(feed, "it has more lines after its last line, #End" UNCHANGED);
    if (feed->state == AT_VERSION)
        return check_version(feed, kind, value);
    if (feed->state < IN_RECORDS) {
        if (!is_record && kind != FRAME_END)
            return check_header(feed, kind, value);
        if (end_header(feed) != FEED_LINE)
            return FEED_BROKEN;
        if (is_record)
            return check_record(feed, line);
    }
    return kind == FRAME_END ? check_end(feed, value)
                             : broken(feed, "it has a header line among the records" UNCHANGED);
}

enum feed_result feed_line(struct feed *feed, const char **text, size_t *size)
{
    struct log_line line;
    feed->new_period = false;
    feed->line = (struct log_line){0};
    feed->split = NOT_SPLIT_YET;
    if (feed->state == BROKEN)
        return FEED_BROKEN;
    enum line_result found = line_source_find(&feed->source, &line);
    if (found != LINE_FOUND)
        return without_line(feed, found);
    if (check_line(feed, &line) != FEED_LINE)
        return FEED_BROKEN;
    line_source_pass(&feed->source, &line);
    feed->offset += line.size;
    *text = line.text;
    *size = line.size;
    return FEED_LINE;
}
