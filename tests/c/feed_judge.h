/* A simple check of a normalized log, for tests of the feed: has all bytes at once, and finds the error in them. */
#ifndef FEED_JUDGE_H
#define FEED_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feed/feed.h"
#include "feed_stream.h"
#include "normalized/columns.h"
#include "version.h"

#define RUN_AGAIN "; check LogFile, and run the update again"
#define UNCHANGED                                                                                  \
    "; make one awstats-cloudfront cat the last command in LogFile, so that nothing changes its "  \
    "output"

enum { ROOM = 8192, LINES_MAX = 200, DATE_LENGTH = 7 };

#define NONE "(none)"

/* The result for a stream. */
struct verdict {
    size_t lines, offset;
    unsigned long long records;
    char batch[64], site[64];
    enum feed_kind kind;
    bool new_period[LINES_MAX]; /* by line */
    char error[256];            /* "" when the stream is complete */
};

struct line {
    const char *text;
    size_t size; /* without LF */
};

static bool starts(const struct line *line, const char *prefix)
{
    return line->size >= strlen(prefix) && memcmp(line->text, prefix, strlen(prefix)) == 0;
}

static bool is_named(const char *name)
{
    return strcmp(name, NONE) != 0;
}

static bool is(const struct line *line, const char *text)
{
    return line->size == strlen(text) && starts(line, text);
}

/* Returns the text from column NUMBER to the end of the line; NULL when the line has fewer columns. */
static const char *column(const struct line *line, int number)
{
    const char *text = line->text;
    for (size_t i = 0; number > 0; i++) {
        if (i == line->size)
            return NULL;
        if (line->text[i] == '\t') {
            number--;
            text = line->text + i + 1;
        }
    }
    return text;
}

/* Finds the error of a line of the header; "" when there is none. */
static void check_header(const struct line *line, char software[64], bool *fields,
                         struct verdict *verdict, char *error, size_t room)
{
    const char *allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
    if (starts(line, "#Software: awstats-cloudfront ")) {
        size_t prefix = strlen("#Software: awstats-cloudfront "), size = 0;
        while (size < line->size - prefix && size < 47 && line->text[prefix + size] > 32 &&
               line->text[prefix + size] < 127)
            size++;
        snprintf(software, 64, "+%.*s", (int)size, line->text + prefix);
    }
    if (starts(line, "#Fields: ") && *software) {
        if (is(line, "#Fields: " COLUMNS_NAMES))
            *fields = true;
        else
            snprintf(error, room,
                     "it comes from awstats-cloudfront %s, whose columns are not those of this "
                     "plugin, version " VERSION
                     "; install the program and the plugin of one version",
                     software + 1);
    }
    if (starts(line, "#Batch: ")) {
        size_t size = line->size - strlen("#Batch: ");
        const char *id = line->text + strlen("#Batch: ");
        bool is_id = size > 0 && size < 64;
        for (size_t i = 0; i < size; i++)
            is_id = is_id && id[i] && strchr(allowed, id[i]);
        if (!is_id)
            snprintf(error, room, "its header line #Batch is malformed" UNCHANGED);
        else if (is_named(verdict->batch))
            snprintf(error, room, "its header has the line #Batch twice" UNCHANGED);
        else
            snprintf(verdict->batch, sizeof verdict->batch, "%.*s", (int)size, id);
    }
    if (starts(line, "#Site: ")) {
        if (is_named(verdict->site))
            snprintf(error, room, "its header has the line #Site twice" UNCHANGED);
        else
            snprintf(verdict->site, sizeof verdict->site, "%.*s",
                     (int)(line->size - strlen("#Site: ")), line->text + strlen("#Site: "));
    }
}

/* Takes "NAME=DIGITS" from the beginning of a text.  Returns the place of the digits; NULL when the text begins
 * otherwise. */
static const char *take_pair(const char **text)
{
    size_t name = strspn(*text, "abcdefghijklmnopqrstuvwxyz");
    if ((*text)[name] != '=')
        return NULL;
    const char *digits = *text + name + 1;
    size_t size = strspn(digits, "0123456789");
    *text = digits + size;
    return size > 0 && size < 20 ? digits : NULL;
}

static void check_end(const struct line *line, unsigned long long records, char *error, size_t room)
{
    char copy[ROOM] = "";
    snprintf(copy, sizeof copy, "%.*s", (int)line->size, line->text);
    const char *text = copy + strlen("#End: "), *number = NULL;
    bool good = strlen(copy) == line->size && strncmp(text, "records=", 8) == 0 &&
                (number = take_pair(&text)) != NULL;
    while (good && *text) {
        good = *text == ' ';
        text++;
        good = good && take_pair(&text);
    }
    if (!good)
        snprintf(error, room, "its last line, #End, is malformed" RUN_AGAIN);
    else if (strtoull(number, NULL, 10) != records)
        snprintf(error, room,
                 "its last line, #End, counts %llu records, but %llu arrived" RUN_AGAIN,
                 strtoull(number, NULL, 10), records);
}

static void look_at_record(const struct line *line, struct verdict *verdict, const char **date)
{
    const char *event = column(line, COLUMN_EVENT);
    const char *end = line->text + line->size;
    if (verdict->records++ == 0)
        verdict->kind = event && (event == end || *event != '-') ? FEED_STREAMING : FEED_DOWNLOAD;
    if (is_named(verdict->batch) && line->size >= 16) {
        verdict->new_period[verdict->lines] =
            !*date || verdict->records == 1 || memcmp(*date, line->text, DATE_LENGTH) != 0;
        if (verdict->new_period[verdict->lines])
            *date = line->text;
    }
}

static struct verdict judge(const char *bytes, size_t size)
{
    struct verdict verdict = {.batch = NONE, .site = NONE, .kind = FEED_NO_RECORD};
    bool fields = false, in_records = false, ended = false;
    const char *date = NULL;
    char software[64] = "", *error = verdict.error;
    const size_t room = sizeof verdict.error;
    size_t at = 0;
    while (!*error && at < size) {
        const char *lf = memchr(bytes + at, '\n', size - at);
        if (!lf) {
            snprintf(error, room, "it ends in the middle of a line" RUN_AGAIN);
            break;
        }
        struct line line = {bytes + at, (size_t)(lf - bytes) - at};
        bool is_header = *line.text == '#', is_end = starts(&line, "#End: ");
        if (ended)
            snprintf(error, room, "it has more lines after its last line, #End" UNCHANGED);
        else if (at == 0 && !is(&line, "#Version: 1.0"))
            snprintf(error, room,
                     "it is not the output of awstats-cloudfront cat (#Version: 1.0 is missing); "
                     "make awstats-cloudfront cat the last command in LogFile");
        else if (at == 0)
            in_records = false;
        else if (!in_records && is_header && !is_end)
            check_header(&line, software, &fields, &verdict, error, room);
        else if (!*software || !fields)
            snprintf(error, room,
                     "it is not the output of awstats-cloudfront cat (the header lacks #Software: "
                     "awstats-cloudfront, or #Fields after it); make awstats-cloudfront cat the "
                     "last command in LogFile");
        else if (is_named(verdict.batch) != is_named(verdict.site))
            snprintf(
                error, room,
                "its header has one of the lines #Batch and #Site without the other" UNCHANGED);
        else if (!is_header)
            look_at_record(&line, &verdict, &date);
        else if (!is_end)
            snprintf(error, room, "it has a header line among the records" UNCHANGED);
        else
            check_end(&line, verdict.records, error, room);
        in_records = in_records || (at > 0 && (!is_header || is_end));
        ended = ended || (in_records && is_end);
        if (!*error) {
            verdict.lines++;
            at += line.size + 1;
        }
    }
    if (!*error && !ended)
        snprintf(error, room, "%s",
                 size ? "it is truncated: its last line, #End, is missing" RUN_AGAIN
                      : "it is empty: the program that writes it has failed, and its message says "
                        "why" RUN_AGAIN);
    verdict.offset = at;
    return verdict;
}

#endif
