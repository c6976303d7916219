#include "log/event.h"

#include <string.h>
#include <strings.h>

#include "log/number.h"
#include "normalized/tabs.h"

static const char *const kind_names[EVENT_KIND_COUNT] = {
    [EVENT_CONNECT] = "connect",       [EVENT_PLAY] = "play",       [EVENT_SEEK] = "seek",
    [EVENT_PAUSE] = "pause",           [EVENT_UNPAUSE] = "unpause", [EVENT_STOP] = "stop",
    [EVENT_DISCONNECT] = "disconnect",
};

static const enum column text_columns[EVENT_TEXT_COUNT] = {
    [EVENT_CONNECTION] = INPUT_CONNECTION,
    [EVENT_STREAM] = COLUMN_STREAM_NAME,
    [EVENT_FILE_EXT] = COLUMN_FILE_EXT,
    [EVENT_STREAM_QUERY] = INPUT_STREAM_QUERY,
    [EVENT_URL] = COLUMN_STEM,
    [EVENT_QUERY] = COLUMN_QUERY,
    [EVENT_CLIENT] = COLUMN_CLIENT,
    [EVENT_EDGE_LOCATION] = COLUMN_EDGE_LOCATION,
    [EVENT_PAGE] = INPUT_PAGE,
    [EVENT_REFERRER] = INPUT_REFERRER,
    [EVENT_AGENT] = INPUT_PLAYER,
};

static bool find_kind(struct field name, enum event_kind *kind)
{
    for (int i = 0; i < EVENT_KIND_COUNT; i++)
        if (strlen(kind_names[i]) == name.size &&
            !strncasecmp(kind_names[i], name.text, name.size)) {
            *kind = (enum event_kind)i;
            return true;
        }
    return false;
}

const char *event_parse(struct event *event, const struct header *header,
                        const struct fields *fields)
{
    for (int i = 0; i < EVENT_TEXT_COUNT; i++)
        event->text[i] = fields_get(fields, header, text_columns[i]);
    if (field_is_absent(event->text[EVENT_CONNECTION]))
        return "the event has no value of x-cf-client-id";
    if (!find_kind(fields_get(fields, header, COLUMN_EVENT), &event->kind))
        return "x-event is not connect, play, seek, pause, unpause, stop or disconnect";
    if (!number_parse(fields_get(fields, header, COLUMN_BYTES), &event->total))
        return "sc-bytes is not a number from 0 to 2^53";
    event->connection_hash = event_hash(event->text[EVENT_CONNECTION]);
    return NULL;
}

/* Numbers as they are in memory, then each text with a TAB after it. */
struct numbers {
    uint64_t total;
    uint32_t object, connection_hash;
    uint32_t kind;
};

size_t event_write(const struct event *event, char *out)
{
    struct numbers numbers = {.total = event->total,
                              .object = event->object,
                              .connection_hash = event->connection_hash,
                              .kind = event->kind};
    char *o = out;
    memcpy(o, &numbers, sizeof numbers);
    o += sizeof numbers;
    for (int i = 0; i < EVENT_TEXT_COUNT; i++) {
        memcpy(o, event->text[i].text, event->text[i].size);
        o += event->text[i].size;
        *o++ = '\t';
    }
    return (size_t)(o - out);
}

/* An event that is read up to a text. */
struct reading {
    struct field *text, *end;
    const char *begin; /* of the text */
};

static inline bool end_texts(void *user, const char *text, uint64_t tabs)
{
    struct reading *reading = user;
    for (; tabs && reading->text != reading->end; tabs &= tabs - 1) {
        const char *tab = bytes_first(text, tabs);
        *reading->text++ = (struct field){reading->begin, (size_t)(tab - reading->begin)};
        reading->begin = tab + 1;
    }
    return reading->text != reading->end;
}

void event_read(struct event *event, const char *s, size_t size)
{
    struct numbers numbers;
    const char *end = s + size;
    memcpy(&numbers, s, sizeof numbers);
    event->total = numbers.total;
    event->object = numbers.object;
    event->connection_hash = numbers.connection_hash;
    event->kind = (enum event_kind)numbers.kind;
    s += sizeof numbers;
    struct reading reading = {event->text, event->text + EVENT_TEXT_COUNT, s};
    tabs_visit(s, (size_t)(end - s), end_texts, &reading);
}

/* FNV-1a, folded to 31 bits. */
uint32_t event_hash(struct field connection)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < connection.size; i++)
        hash = (hash ^ (unsigned char)connection.text[i]) * 1099511628211u;
    return (uint32_t)(hash ^ hash >> 32) & 0x7fffffff;
}
