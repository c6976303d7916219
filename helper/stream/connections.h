/* The connections of a streaming log that are open or remembered: a hash table by x-cf-client-id,
 * and two lists in the order of their last events.
 *
 * The table is chained, with the chain in the connection.  memory/table.h would take more memory
 * for each connection: its entries have a key and a hash of their own, which the connection has
 * already, and they do not move, so the texts, which change, would need a second block of memory.
 */
#ifndef STREAM_CONNECTIONS_H
#define STREAM_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/event.h"

enum connection_state {
    CONNECTION_IDLE, /* no view is open */
    CONNECTION_STOPPED,
    CONNECTION_PAUSED,
    CONNECTION_PLAYING,
};

/* One connection: 88 bytes and its texts. */
struct connection {
    struct connection *chain;         /* in the table */
    struct connection *older, *newer; /* in its list */
    uint64_t high;                    /* the highest running total seen, bytes */
    uint64_t bytes;                   /* of the view, or before the first view; not written yet */
    uint32_t hash;                    /* event_hash() of its name */
    uint32_t last;                    /* time of the last event */
    uint32_t seconds;                 /* played; not written yet */
    uint32_t text_size;
    uint8_t state; /* enum connection_state */
    bool had_view;
    bool was_written;   /* the present view, or the connection when it had none */
    bool is_remembered; /* in that list; of its texts it keeps only the connection's name */
    char text[];        /* EVENT_TEXT_COUNT texts, a TAB after each */
};

struct connection_list {
    struct connection *oldest, *newest;
    uint64_t count;
};

/* Zeroed at birth. */
struct connections {
    struct connection **buckets;
    size_t bucket_count; /* a power of two, or 0 */
    struct connection_list open, remembered;
};

/* Returns the event's connection, and makes it if there is none.  It is now the newest of the open
 * ones; one that was only remembered takes over the event's texts. */
struct connection *connections_get(struct connections *connections, const struct event *event);

/* Gives a connection the event's texts.  Returns it, since it may have moved. */
struct connection *connections_set_texts(struct connections *connections,
                                         struct connection *connection, const struct event *event);

/* Returns a connection; NULL when there is none. */
struct connection *connections_find(const struct connections *connections, uint32_t hash,
                                    struct field name);

/* Stores the texts, which point into the connection. */
void connection_texts(const struct connection *connection, struct field text[EVENT_TEXT_COUNT]);

/* Moves a connection from open to remembered: as the newest there, without its texts. */
void connections_remember(struct connections *connections, struct connection *connection);

void connections_forget(struct connections *connections, struct connection *connection);

void connections_free(struct connections *connections); /* back to zero */

#endif
