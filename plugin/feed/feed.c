#include "feed/feed.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "normalized/columns.h"

enum {
    BUFFER_SIZE = 1 << 18,
    LINE_MAX_SIZE = 1 << 24, /* far above any record; a line beyond it is no log */
    PIPE_SIZE = 1 << 20,     /* /proc/sys/fs/pipe-max-size as it comes */
};

enum { DATE_SIZE = 16 }; /* "YYYY-MM-DD HH:MM" */

enum state { AT_VERSION, IN_HEADER, IN_RECORDS, AFTER_END, BROKEN };

struct feed {
    int fd;
    enum state state;
    enum feed_kind kind;
    bool at_eof, software_seen, fields_seen;
    char *buffer;
    size_t capacity;
    size_t start, end; /* the bytes not handed out yet */
    size_t searched;   /* those from start that hold no LF */
    uint64_t offset, records;
    char *batch, *site, *previous, *replaces;
    size_t date_length;   /* how much of a record's date tells breaks apart */
    char date[DATE_SIZE]; /* of the record before */
    bool partial_wanted;
    bool new_break, partial; /* of the line handed out last */
    char fault[160];
};

struct feed *feed_new(int fd)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (!feed)
        return NULL;
    feed->fd = fd;
    feed->capacity = BUFFER_SIZE;
    feed->buffer = malloc(feed->capacity);
    if (!feed->buffer) {
        free(feed);
        return NULL;
    }
#ifdef F_SETPIPE_SZ
    /* What is no pipe, or may not grow, stays as it is: only speed is at stake. */
    (void)fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
#endif
    return feed;
}

void feed_free(struct feed *feed)
{
    if (feed) {
        free(feed->buffer);
        free(feed->batch);
        free(feed->site);
        free(feed->previous);
        free(feed->replaces);
    }
    free(feed);
}

void feed_watch(struct feed *feed, size_t date_length, bool partial)
{
    feed->date_length = date_length < DATE_SIZE ? date_length : DATE_SIZE;
    feed->partial_wanted = partial;
}

const char *feed_batch(const struct feed *feed)
{
    return feed->batch;
}

const char *feed_site(const struct feed *feed)
{
    return feed->site;
}

const char *feed_previous(const struct feed *feed)
{
    return feed->previous;
}

const char *feed_replaces(const struct feed *feed)
{
    return feed->replaces;
}

bool feed_new_break(const struct feed *feed)
{
    return feed->new_break;
}

bool feed_partial(const struct feed *feed)
{
    return feed->partial;
}

uint64_t feed_records(const struct feed *feed)
{
    return feed->records;
}

const char *feed_fault(const struct feed *feed)
{
    return feed->state == BROKEN ? feed->fault : NULL;
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
    return feed->at_eof;
}

__attribute__((format(printf, 2, 3))) static enum feed_result broken(struct feed *feed,
                                                                     const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(feed->fault, sizeof feed->fault, format, arguments);
    va_end(arguments);
    feed->state = BROKEN;
    return FEED_BROKEN;
}

/* Makes room behind end: moves the bytes to the front, then lets the buffer grow. */
static bool make_room(struct feed *feed)
{
    if (feed->start > 0) {
        memmove(feed->buffer, feed->buffer + feed->start, feed->end - feed->start);
        feed->end -= feed->start;
        feed->start = 0;
    }
    if (feed->end < feed->capacity)
        return true;
    if (feed->capacity >= LINE_MAX_SIZE) {
        broken(feed, "it has a line of more than %d MiB", LINE_MAX_SIZE >> 20);
        return false;
    }
    char *larger = realloc(feed->buffer, feed->capacity * 2);
    if (!larger) {
        broken(feed, "there is no memory for a line of %zu bytes", feed->capacity);
        return false;
    }
    feed->buffer = larger;
    feed->capacity *= 2;
    return true;
}

/* Reads what there is, at least a byte unless the stream is at its end. */
static enum feed_result fill(struct feed *feed)
{
    if (feed->end == feed->capacity && !make_room(feed))
        return FEED_BROKEN;
    ssize_t got = read(feed->fd, feed->buffer + feed->end, feed->capacity - feed->end);
    if (got < 0 && errno == EINTR)
        return FEED_INTERRUPTED;
    if (got < 0)
        return broken(feed, "it could not be read: %s", strerror(errno));
    feed->end += (size_t)got;
    feed->at_eof = got == 0;
    return FEED_LINE;
}

/* Finds the next line, LF and all.  FEED_END: there are no more bytes. */
static enum feed_result find_line(struct feed *feed, const char **line, size_t *size)
{
    for (;;) {
        const char *from = feed->buffer + feed->start;
        size_t there = feed->end - feed->start;
        const char *lf = memchr(from + feed->searched, '\n', there - feed->searched);
        if (lf) {
            *line = from;
            *size = (size_t)(lf - from) + 1;
            return FEED_LINE;
        }
        feed->searched = there;
        if (feed->at_eof)
            return there ? broken(feed, "it ends in the middle of a line") : FEED_END;
        enum feed_result result = fill(feed);
        if (result != FEED_LINE)
            return result;
    }
}

/* If LINE starts with PREFIX, the rest of it without LF; else NULL. */
static const char *after(const char *prefix, const char *line, size_t size, size_t *rest)
{
    size_t length = strlen(prefix);
    if (size <= length || memcmp(line, prefix, length) != 0)
        return NULL;
    *rest = size - length - 1;
    return line + length;
}

/* "#End: records=N", then a space or the end of the line. */
static enum feed_result check_end(struct feed *feed, const char *text, size_t size)
{
    uint64_t records = 0;
    size_t i = 0;
    while (i < size && i < 19 && text[i] >= '0' && text[i] <= '9')
        records = records * 10 + (uint64_t)(text[i++] - '0');
    if (i == 0 || (i < size && text[i] != ' '))
        return broken(feed, "its #End line has no number of records");
    if (records != feed->records)
        return broken(feed, "its #End line tells of %llu records, but %llu came",
                      (unsigned long long)records, (unsigned long long)feed->records);
    feed->state = AFTER_END;
    return FEED_LINE;
}

/* Whether these are batches' IDs with a space between. */
static bool are_ids(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool is_between = i > 0 && i + 1 < size && text[i - 1] != ' ';
        if (!isalnum((unsigned char)text[i]) && text[i] != '-' && (text[i] != ' ' || !is_between))
            return false;
    }
    return size > 0;
}

static bool is_id(const char *text, size_t size)
{
    return are_ids(text, size) && !memchr(text, ' ', size);
}

/* Keeps the value of a header line that may come once. */
static enum feed_result keep(struct feed *feed, char **kept, const char *text, size_t size)
{
    if (*kept)
        return broken(feed, "its header names two batches");
    *kept = strndup(text, size);
    return *kept ? FEED_LINE : broken(feed, "there is no memory for its header");
}

static enum feed_result check_header(struct feed *feed, const char *line, size_t size)
{
    size_t rest = 0;
    const char *text;
    if (after("#Software: awstats-cloudfront ", line, size, &rest)) {
        feed->software_seen = true;
    } else if ((text = after("#Fields: ", line, size, &rest)) != NULL && feed->software_seen) {
        if (rest != strlen(columns_names) || memcmp(text, columns_names, rest) != 0)
            return broken(feed, "its #Fields are not those of this version of the plugin");
        feed->fields_seen = true;
    } else if ((text = after("#Batch: ", line, size, &rest)) != NULL) {
        return is_id(text, rest) ? keep(feed, &feed->batch, text, rest)
                                 : broken(feed, "its #Batch is not a batch's ID");
    } else if ((text = after("#Site: ", line, size, &rest)) != NULL) {
        return keep(feed, &feed->site, text, rest);
    } else if ((text = after("#Previous: ", line, size, &rest)) != NULL) {
        return is_id(text, rest) ? keep(feed, &feed->previous, text, rest)
                                 : broken(feed, "its #Previous is not a batch's ID");
    } else if ((text = after("#Replaces: ", line, size, &rest)) != NULL) {
        return are_ids(text, rest) ? keep(feed, &feed->replaces, text, rest)
                                   : broken(feed, "its #Replaces are not batches' IDs");
    }
    return FEED_LINE;
}

/* The column of a record, up to the record's end; NULL when it has none. */
static const char *column_of(const char *record, size_t size, int column)
{
    const char *end = record + size;
    for (; column > 0; column--) {
        const char *tab = memchr(record, '\t', (size_t)(end - record));
        if (!tab)
            return NULL;
        record = tab + 1;
    }
    return record;
}

static enum feed_kind kind_of(const char *record, size_t size)
{
    const char *event = column_of(record, size, COLUMN_EVENT);
    return !event || *event == '-' ? FEED_DOWNLOAD : FEED_STREAMING;
}

static void look_at_record(struct feed *feed, const char *record, size_t size)
{
    if (feed->records++ == 0)
        feed->kind = kind_of(record, size);
    if (feed->batch && size > DATE_SIZE &&
        (feed->records == 1 || memcmp(feed->date, record, feed->date_length) != 0)) {
        feed->new_break = true;
        memcpy(feed->date, record, feed->date_length);
    }
    if (feed->partial_wanted) {
        const char *status = column_of(record, size, COLUMN_STATUS);
        feed->partial = status && record + size - status > 4 && memcmp(status, "206\t", 4) == 0;
    }
}

/* What follows the header: records, and #End. */
static enum feed_result check_body(struct feed *feed, const char *line, size_t size)
{
    if (!feed->software_seen || !feed->fields_seen)
        return broken(feed, "it is not a normalized log (its header lacks #Software: "
                            "awstats-cloudfront, or #Fields after it)");
    if (!feed->batch != !feed->site)
        return broken(feed, "its header has #Batch or #Site without the other");
    if (!feed->batch && (feed->previous || feed->replaces))
        return broken(feed, "its header has #Previous or #Replaces without #Batch");
    feed->state = IN_RECORDS;
    if (line[0] != '#') {
        look_at_record(feed, line, size);
        return FEED_LINE;
    }
    size_t rest = 0;
    const char *text = after("#End: records=", line, size, &rest);
    return text ? check_end(feed, text, rest)
                : broken(feed, "it has a header line among the records");
}

static enum feed_result check_line(struct feed *feed, const char *line, size_t size)
{
    size_t rest;
    switch (feed->state) {
    case AT_VERSION:
        if (size != strlen("#Version: 1.0\n") || memcmp(line, "#Version: 1.0\n", size) != 0)
            return broken(feed, "it is not a normalized log (#Version: 1.0 is missing)");
        feed->state = IN_HEADER;
        return FEED_LINE;
    case IN_HEADER:
        if (line[0] == '#' && !after("#End:", line, size, &rest))
            return check_header(feed, line, size);
        return check_body(feed, line, size);
    case IN_RECORDS:
        return check_body(feed, line, size);
    case AFTER_END:
        return broken(feed, "it goes on after its #End line");
    case BROKEN:
        break;
    }
    return FEED_BROKEN;
}

enum feed_result feed_line(struct feed *feed, const char **line, size_t *size)
{
    feed->new_break = feed->partial = false;
    if (feed->state == BROKEN)
        return FEED_BROKEN;
    enum feed_result result = find_line(feed, line, size);
    if (result == FEED_END && feed->state != AFTER_END)
        return feed->offset ? broken(feed, "it is truncated: its #End line is missing")
                            : broken(feed, "it is empty");
    if (result != FEED_LINE)
        return result;
    result = check_line(feed, *line, *size);
    if (result != FEED_LINE)
        return result;
    feed->start += *size;
    feed->searched = 0;
    feed->offset += *size;
    return FEED_LINE;
}
