/* Saves views between two logs. */
#include <string.h>

#include "stream/views_internal.h"

/* The saved form: a mark with the version, the clock, the number of connections, the numbers and texts of
 * each connection, and a checksum of all these bytes, which version 1 lacked.  Numbers have their low byte
 * first. */
static const char saved_mark[] = {'C', 'F', 'V', 'I', 'E', 'W', 'S', '2'};
static const char version_1[] = {'C', 'F', 'V', 'I', 'E', 'W', 'S', '1'};

enum { CHECKSUM_SIZE = 8 };

/* FNV-1a with 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/): each change of a single byte gives
 * another checksum. */
static uint64_t checksum(const unsigned char *bytes, size_t size)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

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

void views_save(const struct views *views, struct buffer *buffer)
{
    size_t begin = buffer->size;
    buffer_add(buffer, saved_mark, sizeof saved_mark);
    save_number(buffer, views->clock, 4);
    save_number(buffer, views->connections.open.count + views->connections.remembered.count, 8);
    save_list(buffer, &views->connections.remembered);
    save_list(buffer, &views->connections.open);
    const unsigned char *saved = (const unsigned char *)buffer->data + begin;
    save_number(buffer, checksum(saved, buffer->size - begin), CHECKSUM_SIZE);
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

/* Reads the texts of a connection.  A remembered connection has only the first text. */
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
        !load_number(saved, 1, &flags) || flags > 31 || bytes > high ||
        !load_texts(saved, flags >> 4 & 1, &event))
        return false;
    event.connection_hash = event_hash(event.text[EVENT_CONNECTION]);
    struct connection *connection = connections_get(&views->connections, &event);
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

/* Whether the saved views are complete and unchanged; removes the checksum from their end. */
static bool is_whole(struct saved *saved)
{
    size_t size = (size_t)(saved->end - saved->at);
    uint64_t stored;
    if (size < sizeof saved_mark)
        return false;
    if (!memcmp(saved->at, version_1, sizeof version_1))
        return true;
    if (size < sizeof saved_mark + CHECKSUM_SIZE ||
        memcmp(saved->at, saved_mark, sizeof saved_mark))
        return false;
    saved->end -= CHECKSUM_SIZE;
    struct saved at_end = {saved->end, saved->end + CHECKSUM_SIZE};
    return load_number(&at_end, CHECKSUM_SIZE, &stored) &&
           stored == checksum(saved->at, size - CHECKSUM_SIZE);
}

bool views_load(struct views *views, const void *data, size_t size)
{
    struct saved saved = {data, (const unsigned char *)data + size};
    uint64_t clock, count;
    if (!is_whole(&saved))
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
