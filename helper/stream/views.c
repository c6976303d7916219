#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "stream/views_internal.h"

struct views *views_new(views_put *put, void *context)
{
    struct views *views = memory_allocate(1, sizeof *views);
    views->put = put;
    views->context = context;
    return views;
}

void views_free(struct views *views)
{
    if (!views)
        return;
    connections_free(&views->connections);
    event_order_free(&views->order);
    free(views);
}

/* Writes the part of a connection's view that was not written yet, up to the last event. */
static bool write_view(struct views *views, struct connection *connection)
{
    struct view view = {
        .time = connection->last,
        .seconds = connection->seconds,
        .bytes = connection->bytes,
        .connection_hash = connection->hash,
    };
    bool is_new = !connection->was_written;
    if (connection->state != CONNECTION_IDLE)
        view.kind = is_new ? VIEW_WHOLE : VIEW_MORE;
    else
        view.kind = is_new && !connection->had_view ? VIEW_CONNECT : VIEW_MORE;
    connection->seconds = 0;
    connection->bytes = 0;
    connection->was_written = true;
    if (view.kind == VIEW_MORE && !view.bytes && !view.seconds)
        return true;
    connection_texts(connection, view.text);
    return views->put(views->context, &view);
}

/* Writes the view, and moves the connection to the remembered ones. */
static bool close_connection(struct views *views, struct connection *connection)
{
    if (!write_view(views, connection))
        return false;
    connection->state = CONNECTION_IDLE;
    connections_remember(&views->connections, connection);
    return true;
}

static bool is_same_stream(const struct connection *connection, const struct event *event)
{
    struct field text[EVENT_TEXT_COUNT];
    connection_texts(connection, text);
    for (int i = EVENT_STREAM; i <= EVENT_FILE_EXT; i++)
        if (text[i].size != event->text[i].size ||
            memcmp(text[i].text, event->text[i].text, text[i].size))
            return false;
    return true;
}

/* Begins a view with this event.  The first view gets the bytes before its play event, too. */
static struct connection *begin_view(struct views *views, struct connection *connection,
                                     const struct event *event)
{
    connection = connections_set_texts(&views->connections, connection, event);
    connection->had_view = true;
    connection->was_written = false;
    connection->state = CONNECTION_STOPPED;
    return connection;
}

static bool add_play(struct views *views, struct connection *connection, const struct event *event,
                     uint32_t before)
{
    bool goes_on = connection->state != CONNECTION_IDLE && is_same_stream(connection, event);
    if (connection->state != CONNECTION_IDLE && !goes_on) {
        connection->last = before; /* the event belongs to the other stream's view */
        if (!write_view(views, connection))
            return false;
        connection->last = event->time;
    }
    if (!goes_on)
        connection = begin_view(views, connection, event);
    connection->state = CONNECTION_PLAYING;
    return true;
}

/* Applies an event to its connection. */
static bool apply(struct views *views, const struct event *event)
{
    struct connection *connection = connections_get(&views->connections, event);
    if (event->total > connection->high) {
        connection->bytes += event->total - connection->high;
        connection->high = event->total;
    } else if (event->total < connection->high) {
        views->falling++;
    }
    uint32_t before = connection->last;
    if (event->time > connection->last) {
        if (connection->state == CONNECTION_PLAYING)
            connection->seconds += event->time - connection->last;
        connection->last = event->time;
    }
    if (event->kind == EVENT_PLAY)
        return add_play(views, connection, event, before);
    if (event->kind == EVENT_DISCONNECT)
        return close_connection(views, connection);
    if (connection->state == CONNECTION_IDLE && !connection->had_view &&
        event->kind != EVENT_CONNECT && !field_is_absent(event->text[EVENT_STREAM])) {
        /* The log has lost the play event. */
        connection = begin_view(views, connection, event);
        connection->state = event->kind == EVENT_UNPAUSE ? CONNECTION_PAUSED : CONNECTION_PLAYING;
    }
    if (event->kind == EVENT_PAUSE && connection->state == CONNECTION_PLAYING)
        connection->state = CONNECTION_PAUSED;
    else if (event->kind == EVENT_UNPAUSE && connection->state == CONNECTION_PAUSED)
        connection->state = CONNECTION_PLAYING;
    else if (event->kind == EVENT_STOP && connection->state != CONNECTION_IDLE &&
             is_same_stream(connection, event))
        connection->state = CONNECTION_STOPPED;
    return true;
}

/* Ends the views without an event for VIEWS_TIMEOUT; forgets connections after VIEWS_MEMORY. */
static bool expire(struct views *views)
{
    struct connection *oldest;
    while ((oldest = views->connections.open.oldest) && views->clock - oldest->last > VIEWS_TIMEOUT)
        if (!close_connection(views, oldest))
            return false;
    while ((oldest = views->connections.remembered.oldest) &&
           views->clock - oldest->last > VIEWS_MEMORY)
        connections_forget(&views->connections, oldest);
    return true;
}

bool views_settle(struct views *views)
{
    const struct event *event;
    event_order_sort(&views->order);
    while ((event = event_order_next(&views->order, &views->connections)))
        if (!apply(views, event))
            return false;
    event_order_clear(&views->order);
    return true;
}

bool views_add(struct views *views, const struct event *event)
{
    if (!event_order_has(&views->order, event) || event_order_is_full(&views->order)) {
        if (!views_settle(views))
            return false;
        if (event->time > views->clock) {
            views->clock = event->time;
            if (!expire(views))
                return false;
        }
    }
    event_order_add(&views->order, event);
    return true;
}

bool views_close(struct views *views)
{
    if (!views_settle(views))
        return false;
    while (views->connections.open.oldest)
        if (!close_connection(views, views->connections.open.oldest))
            return false;
    connections_free(&views->connections);
    return true;
}

bool views_write_open(struct views *views)
{
    if (!views_settle(views))
        return false;
    for (struct connection *c = views->connections.open.oldest; c; c = c->newer)
        if (!write_view(views, c))
            return false;
    return true;
}

struct views_counts views_count(const struct views *views)
{
    return (struct views_counts){views->connections.open.count, views->connections.remembered.count,
                                 views->falling};
}
