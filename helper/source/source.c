#include "source/kind.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "text/message.h"

int source_connect(struct source *source, const char *uri, const struct site *site,
                   unsigned transfers)
{
    *source = (struct source){0};
    if (!strncasecmp(uri, "s3://", 5))
        return source_connect_bucket(source, uri, site, transfers);
    if (!strcmp(uri, "-"))
        return source_connect_stdin(source);
    return source_connect_path(source, uri);
}

int source_list(struct source *source, const struct source_listing *listing)
{
    return source->kind->list(source, listing);
}

/* Names the objects and hands them to the kind. */
static int expect(struct source *source, const struct source_object *objects, size_t count)
{
    source->names = calloc(count + 1, sizeof *source->names);
    for (size_t i = 0; source->names && i < count; i++) {
        struct buffer name = {0};
        if (!source->kind->name(source, objects[i].key, &name)) {
            buffer_free(&name);
            break;
        }
        source->names[source->count++] = name.data;
        source->size += objects[i].size;
    }
    if (source->names && source->count == count)
        return source->kind->expect(source, objects);
    message_error("out of memory");
    return -1;
}

int source_expect(struct source *source, const struct source_object *objects, size_t count)
{
    source->is_tolerant = true;
    return expect(source, objects, count);
}

bool source_is_unchanged(struct source *source, const struct body *body)
{
    return !source->is_tolerant || !source->kind->is_unchanged ||
           source->kind->is_unchanged(source, body);
}

/* All that a source has, while it is listed for source_open(). */
struct listed {
    struct source_object *objects; /* their keys are owned; without tags: any version will do */
    size_t count, capacity;
};

static bool keep_object(void *user, const struct source_object *object)
{
    struct listed *listed = user;
    if (listed->count == listed->capacity) {
        size_t capacity = listed->capacity ? 2 * listed->capacity : 1024;
        struct source_object *objects = realloc(listed->objects, capacity * sizeof *objects);
        if (!objects)
            goto failed;
        listed->objects = objects;
        listed->capacity = capacity;
    }
    listed->objects[listed->count] = *object;
    listed->objects[listed->count].key = strdup(object->key);
    listed->objects[listed->count].tag = "";
    if (listed->objects[listed->count].key) {
        listed->count++;
        return true;
    }
failed:
    message_error("out of memory");
    return false;
}
int source_open(struct source *source, const char *uri, const struct site *site, unsigned transfers)
{
    struct listed listed = {0};
    struct source_listing listing = {.user = &listed, .found = keep_object};
    if (source_connect(source, uri, site, transfers) < 0)
        return -1;
    int result = source_list(source, &listing);
    source->listed = listed.objects;
    source->listed_count = listed.count;
    if (result == 0 && expect(source, listed.objects, listed.count) == 0)
        return 0;
    source_close(source);
    return -1;
}

int source_next(struct source *source, struct body *body)
{
    return source->kind->next(source, body);
}

void body_release(struct body *body)
{
    free(body->data);
    free(body->cause);
    if (body->fd >= 0)
        close(body->fd);
    *body = (struct body){.fd = -1};
}

void source_close(struct source *source)
{
    if (source->kind)
        source->kind->close(source);
    for (size_t i = 0; i < source->count; i++)
        free(source->names[i]);
    free(source->names);
    for (size_t i = 0; i < source->listed_count; i++)
        free((char *)source->listed[i].key);
    free(source->listed);
    *source = (struct source){0};
}
