#include "stream/views.h"

#include <stdlib.h>
#include <string.h>

#include "stream/connections.h"
#include "stream/event_order.h"

struct views {
    struct connections connections;
    struct second second; /* the events of one connection in one second */
    uint32_t clock;       /* the latest time of an event */
    uint64_t falling;
    views_put *put;
    void *context;
};

struct views *views_new(views_put *put, void *context)
{
    struct views *views = calloc(1, sizeof *views);
    if (!views)
        return NULL;
    views->put = put;
    views->context = context;
    return views;
}

void views_free(struct views *views)
{
    if (!views)
        return;
    connections_free(&views->connections);
    second_free(&views->second);
    free(views);
}

/* Writes what was not counted yet of a connection's view, as of its last event. */
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

/* The view is over, and so is the connection as far as is known. */
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

/* Begins a view with this event.  Bytes before the first play are the first view's. */
static struct connection *begin_view(struct views *views, struct connection *connection,
                                     const struct event *event)
{
    connection = connections_set_texts(&views->connections, connection, event);
    if (connection) {
        connection->had_view = true;
        connection->was_written = false;
        connection->state = CONNECTION_STOPPED;
    }
    return connection;
}

static bool add_play(struct views *views, struct connection *connection, const struct event *event,
                     uint32_t before)
{
    bool goes_on = connection->state != CONNECTION_IDLE && is_same_stream(connection, event);
    if (connection->state != CONNECTION_IDLE && !goes_on) {
        connection->last = before; /* the other stream's event is not one of this view */
        if (!write_view(views, connection))
            return false;
        connection->last = event->time;
    }
    if (!goes_on && !(connection = begin_view(views, connection, event)))
        return false;
    connection->state = CONNECTION_PLAYING;
    return true;
}

/* What an event does to its connection. */
static bool apply(struct views *views, const struct event *event)
{
    struct connection *connection = connections_get(&views->connections, event);
    if (!connection)
        return false;
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
        /* Its play was lost. */
        if (!(connection = begin_view(views, connection, event)))
            return false;
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

/* Ends the views without an event for so long, and forgets connections after a while. */
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
    second_order(&views->second);
    while ((event = second_next(&views->second, &views->connections)))
        if (!apply(views, event))
            return false;
    second_clear(&views->second);
    return true;
}

bool views_add(struct views *views, const struct event *event)
{
    if (!second_has(&views->second, event) || second_is_full(&views->second)) {
        if (!views_settle(views))
            return false;
        if (event->time > views->clock) {
            views->clock = event->time;
            if (!expire(views))
                return false;
        }
    }
    return second_add(&views->second, event);
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

/* The saved form: a mark with the version, the clock, the number of connections, and each: its
 * numbers, then its texts; numbers have their low byte first. */
static const char saved_mark[] = {'C', 'F', 'V', 'I', 'E', 'W', 'S', '1'};

static void save_number(struct buffer *buffer, uint64_t number, size_t size)
{
    char bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(number >> (8 * i) & 255);
    buffer_add(buffer, bytes, size);
}

static void save_list(struct buffer *buffer, const struct connection_list *list)
{
    for (const struct connection *c = list->oldest; c; c = c->newer) {
        save_number(buffer, c->high, 8);
        save_number(buffer, c->bytes, 8);
        save_number(buffer, c->last, 4);
        save_number(buffer, c->seconds, 4);
        save_number(
            buffer,
            (uint64_t)(c->state | c->had_view << 2 | c->was_written << 3 | c->is_remembered << 4),
            1);
        save_number(buffer, c->text_size, 4);
        buffer_add(buffer, c->text, c->text_size);
    }
}

bool views_save(const struct views *views, struct buffer *buffer)
{
    buffer_add(buffer, saved_mark, sizeof saved_mark);
    save_number(buffer, views->clock, 4);
    save_number(buffer, views->connections.open.count + views->connections.remembered.count, 8);
    save_list(buffer, &views->connections.remembered);
    save_list(buffer, &views->connections.open);
    return !buffer->failed;
}

struct saved {
    const unsigned char *at, *end;
};

static bool load_number(struct saved *saved, size_t size, uint64_t *number)
{
    if ((size_t)(saved->end - saved->at) < size)
        return false;
    *number = 0;
    for (size_t i = 0; i < size; i++)
        *number |= (uint64_t)*saved->at++ << (8 * i);
    return true;
}

/* Takes the texts of a connection; a remembered one has only the first. */
static bool load_texts(struct saved *saved, bool is_remembered, struct event *event)
{
    uint64_t size;
    if (!load_number(saved, 4, &size) || (uint64_t)(saved->end - saved->at) < size)
        return false;
    const char *s = (const char *)saved->at, *end = s + size;
    for (int i = 0; i < EVENT_TEXT_COUNT; i++) {
        const char *tab = s < end ? memchr(s, '\t', (size_t)(end - s)) : NULL;
        if (!tab && (i == 0 || !is_remembered))
            return false;
        event->text[i] = tab ? (struct field){s, (size_t)(tab - s)} : (struct field){"-", 1};
        s = tab ? tab + 1 : s;
    }
    saved->at += size;
    return s == end;
}

static bool load_connection(struct views *views, struct saved *saved)
{
    uint64_t high, bytes, last, seconds, flags;
    struct event event = {0};
    if (!load_number(saved, 8, &high) || !load_number(saved, 8, &bytes) ||
        !load_number(saved, 4, &last) || !load_number(saved, 4, &seconds) ||
        !load_number(saved, 1, &flags) || flags > 31 || !load_texts(saved, flags >> 4 & 1, &event))
        return false;
    struct connection *connection = connections_get(&views->connections, &event);
    if (!connection)
        return false;
    connection->high = high;
    connection->bytes = bytes;
    connection->last = (uint32_t)last;
    connection->seconds = (uint32_t)seconds;
    connection->state = flags & 3;
    connection->had_view = flags >> 2 & 1;
    connection->was_written = flags >> 3 & 1;
    if (flags >> 4 & 1)
        connections_remember(&views->connections, connection);
    return true;
}

bool views_load(struct views *views, const void *data, size_t size)
{
    struct saved saved = {data, (const unsigned char *)data + size};
    uint64_t clock, count;
    if (size < sizeof saved_mark || memcmp(data, saved_mark, sizeof saved_mark))
        return false;
    saved.at += sizeof saved_mark;
    if (!load_number(&saved, 4, &clock) || !load_number(&saved, 8, &count))
        return false;
    views->clock = (uint32_t)clock;
    while (count-- > 0)
        if (!load_connection(views, &saved))
            return false;
    return saved.at == saved.end;
}
