#include "stream/connections.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"

static void list_remove(struct connection_list *list, struct connection *connection)
{
    if (connection->older)
        connection->older->newer = connection->newer;
    else
        list->oldest = connection->newer;
    if (connection->newer)
        connection->newer->older = connection->older;
    else
        list->newest = connection->older;
    connection->older = connection->newer = NULL;
    list->count--;
}

static void list_append(struct connection_list *list, struct connection *connection)
{
    connection->older = list->newest;
    connection->newer = NULL;
    if (list->newest)
        list->newest->newer = connection;
    else
        list->oldest = connection;
    list->newest = connection;
    list->count++;
}

static struct connection_list *list_of(struct connections *connections,
                                       const struct connection *connection)
{
    return connection->is_remembered ? &connections->remembered : &connections->open;
}

static struct connection **bucket(const struct connections *connections, uint32_t hash)
{
    return &connections->buckets[hash & (connections->bucket_count - 1)];
}

static void table_insert(struct connections *connections, struct connection *connection)
{
    struct connection **head = bucket(connections, connection->hash);
    connection->chain = *head;
    *head = connection;
}

static void table_remove(struct connections *connections, struct connection *connection)
{
    struct connection **link = bucket(connections, connection->hash);
    while (*link != connection)
        link = &(*link)->chain;
    *link = connection->chain;
}

static void grow_table(struct connections *connections)
{
    struct connections larger = *connections;
    if (connections->open.count + connections->remembered.count < connections->bucket_count)
        return;
    larger.bucket_count = connections->bucket_count ? 2 * connections->bucket_count : 1024;
    larger.buckets = memory_allocate(larger.bucket_count, sizeof *larger.buckets);
    for (size_t i = 0; i < connections->bucket_count; i++)
        for (struct connection *c = connections->buckets[i], *next; c; c = next) {
            next = c->chain;
            table_insert(&larger, c);
        }
    free(connections->buckets);
    *connections = larger;
}

static size_t texts_size(const struct field text[EVENT_TEXT_COUNT])
{
    size_t size = 0;
    for (int i = 0; i < EVENT_TEXT_COUNT; i++)
        size += text[i].size + 1;
    return size;
}

static void put_texts(struct connection *connection, const struct field text[EVENT_TEXT_COUNT])
{
    char *s = connection->text;
    for (int i = 0; i < EVENT_TEXT_COUNT; i++) {
        memcpy(s, text[i].text, text[i].size);
        s += text[i].size;
        *s++ = '\t';
    }
    connection->text_size = (uint32_t)(s - connection->text);
}

static struct field connection_name(const struct connection *connection)
{
    const char *tab = memchr(connection->text, '\t', connection->text_size);
    return (struct field){connection->text, (size_t)(tab - connection->text)};
}

struct connection *connections_find(const struct connections *connections, uint32_t hash,
                                    struct field name)
{
    if (!connections->bucket_count)
        return NULL;
    for (struct connection *c = *bucket(connections, hash); c; c = c->chain) {
        if (c->hash != hash)
            continue;
        struct field its_name = connection_name(c);
        if (its_name.size == name.size && !memcmp(its_name.text, name.text, name.size))
            return c;
    }
    return NULL;
}

/* Gives the connection room for other texts.  Returns the connection, which may have moved. */
static struct connection *resize(struct connections *connections, struct connection *connection,
                                 size_t text_size)
{
    table_remove(connections, connection);
    struct connection_list *list = list_of(connections, connection);
    struct connection *older = connection->older, *newer = connection->newer;
    struct connection *moved = memory_resize(connection, 1, sizeof *moved + text_size);
    *(older ? &older->newer : &list->oldest) = moved;
    *(newer ? &newer->older : &list->newest) = moved;
    table_insert(connections, moved);
    return moved;
}

struct connection *connections_set_texts(struct connections *connections,
                                         struct connection *connection, const struct event *event)
{
    connection = resize(connections, connection, texts_size(event->text));
    put_texts(connection, event->text);
    return connection;
}

struct connection *connections_get(struct connections *connections, const struct event *event)
{
    uint32_t hash = event->connection_hash;
    struct connection *c = connections_find(connections, hash, event->text[EVENT_CONNECTION]);
    if (c) {
        list_remove(list_of(connections, c), c);
        bool had_no_texts = c->is_remembered;
        c->is_remembered = false;
        list_append(&connections->open, c);
        return had_no_texts ? connections_set_texts(connections, c, event) : c;
    }
    grow_table(connections);
    c = memory_resize(NULL, 1, sizeof *c + texts_size(event->text));
    *c = (struct connection){.hash = hash, .last = event->time};
    put_texts(c, event->text);
    table_insert(connections, c);
    list_append(&connections->open, c);
    return c;
}

void connection_texts(const struct connection *connection, struct field text[EVENT_TEXT_COUNT])
{
    const char *s = connection->text, *end = s + connection->text_size;
    for (int i = 0; i < EVENT_TEXT_COUNT; i++) {
        const char *tab = s < end ? memchr(s, '\t', (size_t)(end - s)) : NULL;
        text[i] = tab ? (struct field){s, (size_t)(tab - s)} : (struct field){"-", 1};
        s = tab ? tab + 1 : end;
    }
}

void connections_remember(struct connections *connections, struct connection *connection)
{
    list_remove(list_of(connections, connection), connection);
    connection->is_remembered = true;
    list_append(&connections->remembered, connection);
    connection->text_size = (uint32_t)connection_name(connection).size + 1;
    resize(connections, connection, connection->text_size);
}

void connections_forget(struct connections *connections, struct connection *connection)
{
    table_remove(connections, connection);
    list_remove(list_of(connections, connection), connection);
    free(connection);
}

void connections_free(struct connections *connections)
{
    while (connections->open.oldest)
        connections_forget(connections, connections->open.oldest);
    while (connections->remembered.oldest)
        connections_forget(connections, connections->remembered.oldest);
    free(connections->buckets);
    *connections = (struct connections){0};
}
