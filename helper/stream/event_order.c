#include "stream/event_order.h"

#include <stdlib.h>
#include <string.h>

/* Events with one total that are chosen from: more would only be an attack. */
enum { CHOICE_MAX = 64 };

enum { EVENTS_MAX = 4096 };

bool second_add(struct second *second, const struct event *event)
{
    if (second->count == second->capacity) {
        size_t capacity = second->capacity ? 2 * second->capacity : 16;
        struct second_event *events = realloc(second->events, capacity * sizeof *events);
        if (!events)
            return false;
        second->events = events;
        second->capacity = capacity;
    }
    if (!second->count) {
        second->time = event->time;
        second->hash = event_connection_hash(event);
    }
    size_t size = 0, begin = second->bytes.size;
    for (int i = 0; i < EVENT_TEXT_COUNT; i++)
        size += event->text[i].size;
    char *out = buffer_extend(&second->bytes, event_room(size));
    if (!out)
        return false;
    second->bytes.size = begin + event_write(event, out);
    second->events[second->count++] =
        (struct second_event){.event = *event, .begin = begin, .end = second->bytes.size};
    return true;
}

bool second_has(const struct second *second, const struct event *event)
{
    return second->count && second->time == event->time &&
           second->hash == event_connection_hash(event);
}

bool second_is_full(const struct second *second)
{
    return second->count >= EVENTS_MAX;
}

static int compare_fields(struct field a, struct field b)
{
    int result = memcmp(a.text, b.text, a.size < b.size ? a.size : b.size);
    return result ? result : (a.size > b.size) - (a.size < b.size);
}

static int compare(const void *a, const void *b)
{
    const struct event *x = &((const struct second_event *)a)->event;
    const struct event *y = &((const struct second_event *)b)->event;
    int result = compare_fields(x->text[EVENT_CONNECTION], y->text[EVENT_CONNECTION]);
    if (!result)
        result = (x->total > y->total) - (x->total < y->total);
    if (!result)
        result = (x->kind > y->kind) - (x->kind < y->kind);
    for (int i = 0; i < EVENT_TEXT_COUNT && !result; i++)
        result = compare_fields(x->text[i], y->text[i]);
    return result;
}

static bool is_double(const struct event *a, const struct event *b)
{
    if (a->total != b->total || a->kind != b->kind)
        return false;
    for (int i = EVENT_CONNECTION; i <= EVENT_FILE_EXT; i++)
        if (compare_fields(a->text[i], b->text[i]))
            return false;
    return true;
}

void second_order(struct second *second)
{
    for (size_t i = 0; i < second->count; i++) {
        struct second_event *e = &second->events[i];
        event_read(&e->event, second->bytes.data + e->begin, e->end - e->begin);
    }
    if (second->count < 2)
        return;
    qsort(second->events, second->count, sizeof *second->events, compare);
    size_t kept = 1;
    for (size_t i = 1; i < second->count; i++)
        if (!is_double(&second->events[kept - 1].event, &second->events[i].event))
            second->events[kept++] = second->events[i];
    second->count = kept;
}

/* How soon the event can have happened, the soonest first. */
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

const struct event *second_next(struct second *second, const struct connections *connections)
{
    struct second_event *events = second->events;
    while (second->done < second->count && events[second->done].is_done)
        second->done++;
    if (second->done == second->count)
        return NULL;
    size_t best = second->done;
    const struct event *lowest = &events[best].event;
    enum connection_state state = CONNECTION_IDLE;
    struct field text[EVENT_TEXT_COUNT] = {[EVENT_STREAM] = {"-", 1}};
    const struct connection *connection =
        connections_find(connections, second->hash, lowest->text[EVENT_CONNECTION]);
    if (connection) {
        state = (enum connection_state)connection->state;
        connection_texts(connection, text);
    }
    for (size_t i = best + 1; i < second->count && i < second->done + CHOICE_MAX; i++) {
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

void second_clear(struct second *second)
{
    second->count = second->done = 0;
    buffer_clear(&second->bytes);
}

void second_free(struct second *second)
{
    buffer_free(&second->bytes);
    free(second->events);
    *second = (struct second){0};
}
