/* An event of a streaming (RTMP) distribution: one row of its log. */
#ifndef LOG_EVENT_H
#define LOG_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "log/split.h"
#include "log/header.h"

enum event_kind {
    EVENT_CONNECT,
    EVENT_PLAY,
    EVENT_SEEK,
    EVENT_PAUSE,
    EVENT_UNPAUSE,
    EVENT_STOP,
    EVENT_DISCONNECT,
    EVENT_KIND_COUNT
};

/* The values that an event keeps as they are in the log. */
enum event_text {
    EVENT_CONNECTION, /* x-cf-client-id: each connection has its own */
    EVENT_STREAM,     /* x-sname */
    EVENT_FILE_EXT,
    EVENT_STREAM_QUERY,
    EVENT_URL, /* cs-uri-stem: rtmp://host/application */
    EVENT_QUERY,
    EVENT_CLIENT,
    EVENT_EDGE_LOCATION,
    EVENT_PAGE,     /* x-page-url: the page with the player */
    EVENT_REFERRER, /* c-referrer: the player itself */
    EVENT_AGENT,
    EVENT_TEXT_COUNT
};

struct event {
    uint32_t time;            /* seconds since 1970-01-01 UTC */
    uint32_t object;          /* number of the object that the event was read from */
    uint64_t total;           /* bytes of the connection up to now */
    uint32_t connection_hash; /* of the connection, 31 bits; the same on every machine */
    enum event_kind kind;
    struct field text[EVENT_TEXT_COUNT]; /* "-" for an absent value, never empty */
};

/* Makes an event of a row's fields; its texts point into the row.  Sets all but time and object.
 * Returns NULL, or an error: a constant text. */
const char *event_parse(struct event *event, const struct header *header,
                        const struct fields *fields);

/* Returns the hash of a connection's name, an x-cf-client-id, for connection_hash. */
uint32_t event_hash(struct field connection);

/* Returns the bytes that event_write() may take for an event made of a row of SIZE bytes. */
static inline size_t event_room(size_t size)
{
    return size + 64 + 2 * EVENT_TEXT_COUNT;
}

/* Writes the event without its time, in a form for event_read().  Returns the bytes written. */
size_t event_write(const struct event *event, char *out);

/* Reads what event_write() wrote.  Sets all but the time; the texts point into S. */
void event_read(struct event *event, const char *s, size_t size);

#endif
