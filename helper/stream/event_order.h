/* The events of one connection in one second, which the log does not order: they are brought into
 * the order in which they can have happened. */
#ifndef STREAM_EVENT_ORDER_H
#define STREAM_EVENT_ORDER_H

#include <stdbool.h>

#include "stream/connections.h"
#include "log/event.h"
#include "text/buffer.h"

/* Zeroed at birth. */
struct second {
    struct buffer bytes; /* the events, by event_write() */
    struct second_event {
        struct event event; /* its texts point into bytes once all are there */
        size_t begin, end;  /* in bytes */
        bool is_done;
    } * events;
    size_t count, capacity, done; /* done: all before this one are */
    uint32_t time, hash;          /* of all of them */
};

/* Adds an event.  False when memory has run out. */
bool second_add(struct second *second, const struct event *event);

/* Whether the event is one of the same second and the same connection as those that were added (or,
 * once in two thousand million, of another connection with the same hash). */
bool second_has(const struct second *second, const struct event *event);

/* Whether there are so many that they are to be handled without those that follow: memory stays
 * bounded, the bytes stay exact, and so many in a second are nobody's viewing. */
bool second_is_full(const struct second *second);

/* To be called once after the last second_add(): leaves out doubles and sorts by connection and
 * running total. */
void second_order(struct second *second);

/* The next event, given how its connection stands now (NULL: not known yet); NULL when there is
 * none.  Of those with the same total: first what can happen to the stream that is under way, then
 * another play, at last what cannot happen, and the disconnect. */
const struct event *second_next(struct second *second, const struct connections *connections);

void second_clear(struct second *second);
void second_free(struct second *second);

#endif
