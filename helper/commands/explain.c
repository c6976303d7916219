/* explain: shows the records behind the figures of a day: the object and the line of each. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "batch/counted.h"
#include "batch/messages.h"
#include "commands/commands.h"
#include "memory/allocate.h"
#include "normalized/columns.h"
#include "normalized/field.h"
#include "run/run.h"
#include "text/by_number.h"
#include "text/message.h"
#include "text/progress.h"
#include "text/plain.h"
#include "text/time.h"

enum {
    HOUR_S = 3600,
    DAY_S = 24 * HOUR_S,
    BEFORE_S = HOUR_S,   /* a request may begin, and name its object, in the hour before its end */
    AFTER_S = 2 * DAY_S, /* records may be late */
    PLACE_FIELDS = 2     /* object and line, behind the columns */
};

struct explanation {
    const struct options *options;
    const struct run *run;
    bool *has_hits; /* of each object */
    uint64_t records, bytes, objects;
    bool has_events; /* a shown row is an event of a streaming log */
};

/* Splits a record at its TABs.  Returns the number of fields, at most ROOM. */
static size_t split(const char *record, size_t size, struct field *fields, size_t room)
{
    size_t count = 0;
    const char *end = record + size;
    for (const char *start = record; count < room;) {
        const char *tab = memchr(start, '\t', (size_t)(end - start));
        fields[count++] = (struct field){start, (size_t)((tab ? tab : end) - start)};
        if (!tab)
            break;
        start = tab + 1;
    }
    return count;
}

/* Whether a field is equal to VALUE; "*" at the end of VALUE stands for any text.  NULL: each field is. */
static bool is_value(const struct field *field, const char *value)
{
    if (!value)
        return true;
    size_t size = strlen(value);
    if (size && value[size - 1] == '*')
        return field->size >= size - 1 && !memcmp(field->text, value, size - 1);
    return field->size == size && !memcmp(field->text, value, size);
}

/* Does the same for names and addresses, without regard to case. */
static bool is_name(const struct field *field, const char *value)
{
    if (!value)
        return true;
    size_t size = strlen(value);
    if (size && value[size - 1] == '*')
        return field->size >= size - 1 && !strncasecmp(field->text, value, size - 1);
    return field->size == size && !strncasecmp(field->text, value, size);
}

/* Whether an event has VALUE in any field, since the columns of streaming logs are others. */
static bool has_value(const struct field *fields, size_t count, const char *value)
{
    for (size_t i = 0; i < count; i++) {
        struct field field = fields[i];
        while (field.size && *field.text == ' ')
            field.text++, field.size--;
        if (is_value(&field, value))
            return true;
    }
    return false;
}

static bool is_wanted(const struct explanation *explanation, const struct field *fields,
                      size_t count)
{
    const struct options *options = explanation->options;
    if (count == COLUMN_COUNT)
        return is_name(&fields[COLUMN_CLIENT], options->host) &&
               is_value(&fields[COLUMN_STEM], options->url) &&
               is_value(&fields[COLUMN_STATUS], options->status) &&
               is_name(&fields[COLUMN_HOST], options->vhost);
    return has_value(fields, count, options->host) && has_value(fields, count, options->url) &&
           has_value(fields, count, options->status) && has_value(fields, count, options->vhost);
}

/* Prints a record with its TABs.  Other control characters, which an event of a streaming log may have, are
 * escaped. */
static void print_record(const char *record, size_t size)
{
    struct buffer text = {0};
    buffer_add(&text, record, size);
    for (char *at = text.data, *end = at + size; at < end;) {
        size_t plain = strcspn(at, "\t");
        char behind = at[plain];
        at[plain] = '\0';
        plain_print(at, "");
        at += plain;
        if (at < end)
            fputs(behind == '\t' ? "\t" : "\\x00", stdout);
        at++;
    }
    putchar('\n');
    buffer_free(&text);
}

/* Prints OBJECT:LINE: and the record, if it is wanted. */
static void explain_record(void *user, const char *record, size_t size, uint32_t time)
{
    struct explanation *explanation = user;
    struct field fields[COLUMN_COUNT + PLACE_FIELDS + 1];
    enum { ROOM = sizeof fields / sizeof *fields };
    const char *line = memrchr(record, '\t', size);
    const char *object = memrchr(record, '\t', (size_t)(line - record));
    size_t record_size = (size_t)(object - record);
    if (time / DAY_S != explanation->options->day)
        return;
    size_t number = strtoull(object + 1, NULL, 10);
    size_t count = split(record, record_size, fields, ROOM);
    if (!is_wanted(explanation, fields, count))
        return;
    plain_print(batch_key(run_counted(explanation->run), number), "");
    printf(":%.*s: ", (int)(size - 2 - (size_t)(line - record)), line + 1);
    print_record(record, record_size);
    explanation->records++;
    explanation->objects += !explanation->has_hits[number];
    explanation->has_hits[number] = true;
    if (count == COLUMN_COUNT)
        explanation->bytes += strtoull(fields[COLUMN_BYTES].text, NULL, 10);
    else
        explanation->has_events = true;
}

static void print_end(const struct explanation *explanation, const struct hours *hours,
                      size_t objects)
{
    char from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE];
    if (explanation->has_events)
        printf("# %" PRIu64 " streaming %s in %" PRIu64
               " %s; AWStats counts one view for all events of one viewer with one stream\n",
               explanation->records, by_number(explanation->records, "event", "events"),
               explanation->objects, by_number(explanation->objects, "object", "objects"));
    else
        printf("# %" PRIu64 " %s, %" PRIu64 " %s in %" PRIu64 " %s\n", explanation->records,
               by_number(explanation->records, "hit", "hits"), explanation->bytes,
               by_number(explanation->bytes, "byte", "bytes"), explanation->objects,
               by_number(explanation->objects, "object", "objects"));
    time_format(from, TIME_MINUTE, hours->from);
    time_format(to, TIME_MINUTE, hours->to);
    printf("# %zu counted %s read: those whose names have an hour from %s to %s, and those "
           "whose names have none\n",
           objects, by_number(objects, "object was", "objects were"), from, to);
}

int command_explain(const struct options *options)
{
    int64_t day = (int64_t)options->day * DAY_S;
    struct counted_choice choice = {.read = {day - BEFORE_S, day + DAY_S + AFTER_S}};
    struct run_options run_options = {
        .site = &options->site,
        .config = options->config,
        .batch = {.transfers = options->transfers, .wait = options->wait},
        .counted = &choice,
        .keeps_places = true};
    struct batch_error error = {0};
    struct run *run;
    if (!options->day_given) {
        message_error("explain: needs --day YYYY-MM-DD; see awstats-cloudfront explain --help");
        return EXIT_USAGE;
    }
    bool done = run_open(&run, &run_options, &error) && run_read(run);
    size_t objects = done ? batch_count(run_counted(run)) : 0;
    struct explanation explanation = {
        .options = options, .run = run, .has_hits = memory_allocate(objects + 1, sizeof(bool))};
    if (isatty(STDOUT_FILENO))
        progress_hide();
    done = done && run_visit(run, explain_record, &explanation);
    if (done)
        print_end(&explanation, &choice.read, objects);
    free(explanation.has_hits);
    run_close(run);
    if (!done)
        return print_batch_error(&options->site, &error);
    batch_error_free(&error);
    return EXIT_DONE;
}
