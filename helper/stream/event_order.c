#include "stream/event_order.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"

/* The most events of one total that event_order_next() compares; only an attack has more. */
enum { CHOICE_MAX = 64 };

/* The most events of one connection and second that are ordered together. */
enum { EVENTS_MAX = 4096 };

void event_order_add(struct event_order *order, const struct event *event)
{
    size_t size = 0;
    order->events =
        array_grow(order->events, order->count, &order->capacity, sizeof *order->events);
    if (!order->count) {
        order->time = event->time;
        order->hash = event->connection_hash;
    }
    for (int i = 0; i < EVENT_TEXT_COUNT; i++)
        size += event->text[i].size;
    order->events[order->count++] =
        (struct ordered_event){.event = *event, .begin = order->texts.size};
    char *out = buffer_extend(&order->texts, size);
    for (int i = 0; i < EVENT_TEXT_COUNT; i++) {
        memcpy(out, event->text[i].text, event->text[i].size);
        out += event->text[i].size;
    }
    order->texts.size += size;
}

bool event_order_has(const struct event_order *order, const struct event *event)
{
    return order->count && order->time == event->time && order->hash == event->connection_hash;
}

bool event_order_is_full(const struct event_order *order)
{
    return order->count >= EVENTS_MAX;
}

static int compare_fields(struct field a, struct field b)
{
    int result = memcmp(a.text, b.text, a.size < b.size ? a.size : b.size);
    return result ? result : (a.size > b.size) - (a.size < b.size);
}

static int compare(const void *a, const void *b)
{
    const struct event *x = &((const struct ordered_event *)a)->event;
    const struct event *y = &((const struct ordered_event *)b)->event;
    int result = compare_fields(x->text[EVENT_CONNECTION], y->text[EVENT_CONNECTION]);
    if (!result)
        result = (x->total > y->total) - (x->total < y->total);
    if (!result)
        result = (x->kind > y->kind) - (x->kind < y->kind);
    for (int i = 0; i < EVENT_TEXT_COUNT && !result; i++)
        result = compare_fields(x->text[i], y->text[i]);
    return result;
}

static bool is_duplicate(const struct event *a, const struct event *b)
{
    if (a->total != b->total || a->kind != b->kind)
        return false;
    for (int i = EVENT_CONNECTION; i <= EVENT_FILE_EXT; i++)
        if (compare_fields(a->text[i], b->text[i]))
            return false;
    return true;
}

/* Sets the texts of the events, once the buffer of texts no longer moves. */
static void set_texts(struct event_order *order)
{
    for (size_t i = 0; i < order->count; i++) {
        struct field *text = order->events[i].event.text;
        const char *s = order->texts.data + order->events[i].begin;
        for (int j = 0; j < EVENT_TEXT_COUNT; j++) {
            text[j].text = s;
            s += text[j].size;
        }
    }
}

void event_order_sort(struct event_order *order)
{
    set_texts(order);
    if (order->count < 2)
        return;
    qsort(order->events, order->count, sizeof *order->events, compare);
    size_t kept = 1;
    for (size_t i = 1; i < order->count; i++)
        if (!is_duplicate(&order->events[kept - 1].event, &order->events[i].event))
            order->events[kept++] = order->events[i];
    order->count = kept;
}

/* Returns the rank of an event among events of the same total.  An event with a smaller rank happened
 * earlier. */
static int rank(const struct event *event, enum connection_state state, struct field stream)
{
    bool is_other = !field_is_absent(event->text[EVENT_STREAM]) &&
                    compare_fields(event->text[EVENT_STREAM], stream) != 0;
    switch (event->kind) {
    case EVENT_CONNECT:
        return 0;
    case EVENT_SEEK:
        return state != CONNECTION_IDLE && !is_other ? 1 : 6;
    case EVENT_PAUSE:
        return state == CONNECTION_PLAYING && !is_other ? 2 : 6;
    case EVENT_UNPAUSE:
        return state == CONNECTION_PAUSED && !is_other ? 2 : 6;
    case EVENT_STOP:
        return (state == CONNECTION_PLAYING || state == CONNECTION_PAUSED) && !is_other ? 3 : 6;
    case EVENT_PLAY:
        return is_other ? 5 : 4;
    default:
        return 7;
    }
}

const struct event *event_order_next(struct event_order *order,
                                     const struct connections *connections)
{
    struct ordered_event *events = order->events;
    while (order->done < order->count && events[order->done].is_done)
        order->done++;
    if (order->done == order->count)
        return NULL;
    size_t best = order->done;
    const struct event *lowest = &events[best].event;
    enum connection_state state = CONNECTION_IDLE;
    struct field text[EVENT_TEXT_COUNT] = {[EVENT_STREAM] = {"-", 1}};
    const struct connection *connection =
        connections_find(connections, order->hash, lowest->text[EVENT_CONNECTION]);
    if (connection) {
        state = (enum connection_state)connection->state;
        connection_texts(connection, text);
    }
    for (size_t i = best + 1; i < order->count && i < order->done + CHOICE_MAX; i++) {
        const struct event *event = &events[i].event;
        if (event->total != lowest->total ||
            compare_fields(event->text[EVENT_CONNECTION], lowest->text[EVENT_CONNECTION]))
            break;
        if (!events[i].is_done && rank(event, state, text[EVENT_STREAM]) <
                                      rank(&events[best].event, state, text[EVENT_STREAM]))
            best = i;
    }
    events[best].is_done = true;
    return &events[best].event;
}

void event_order_clear(struct event_order *order)
{
    order->count = order->done = 0;
    buffer_clear(&order->texts);
}

void event_order_free(struct event_order *order)
{
    buffer_free(&order->texts);
    free(order->events);
    *order = (struct event_order){0};
}
