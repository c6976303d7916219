/* Orders the events of one connection within one second.  The log does not order them; this module
 * puts them into an order in which they can have happened. */
#ifndef STREAM_EVENT_ORDER_H
#define STREAM_EVENT_ORDER_H

#include <stdbool.h>

#include "log/event.h"
#include "stream/connections.h"
#include "text/buffer.h"

/* Zeroed at birth. */
struct event_order {
    struct buffer texts; /* of all events, one after the other */
    struct ordered_event {
        struct event event; /* its texts are set by event_order_sort() */
        size_t begin;       /* of its texts, in texts */
        bool is_done;
    } * events;
    size_t count, capacity, done; /* done: all events before this one are */
    uint32_t time, hash;          /* of all of them */
};

/* Adds a copy of an event. */
void event_order_add(struct event_order *order, const struct event *event);

/* Returns whether the event has the same second and the same connection as the events that were
 * added (or, once in two thousand million, another connection with the same hash). */
bool event_order_has(const struct event_order *order, const struct event *event);

/* Returns whether there are so many events that they must be handled without those that follow.
 * This bounds the memory and keeps the bytes exact; no viewer causes so many events in a second. */
bool event_order_is_full(const struct event_order *order);

/* Leaves out duplicates, and sorts by connection and running total.  Call it once, after the last
 * event_order_add(). */
void event_order_sort(struct event_order *order);

/* Returns the next event, given the current state of its connection; NULL when there is none.
 * Events with the same total come in this order: those that can happen to the current stream,
 * another play, those that cannot happen, and the disconnect. */
const struct event *event_order_next(struct event_order *order,
                                     const struct connections *connections);

void event_order_clear(struct event_order *order); /* keeps the memory */
void event_order_free(struct event_order *order);

#endif
