#include "source/source.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "source/duplicates.h"
#include "source/key_filter.h"
#include "source/names_size.h"
#include "source/several.h"
#include "text/progress.h"

int source_connect(struct source *source, const char *uri, const struct site *site,
                   unsigned transfers, struct buffer *error)
{
    static const struct source_kind *const kinds[] = {
        [SITE_PATH] = &source_kind_path,
        [SITE_BUCKET] = &source_kind_bucket,
        [SITE_STDIN] = &source_kind_stdin,
    };
    bool is_several = site_kind(uri) == SITE_SEVERAL; /* they have filters of their own */
    const struct source_kind *kind = is_several ? several_kind(uri) : kinds[site_kind(uri)];
    *source = (struct source){0};
    if (kind->connect(source, uri, site, transfers, error) < 0)
        return -1;
    source->kind = kind;
    key_filter_init(&source->filter, uri, is_several ? NULL : site->include,
                    is_several ? NULL : site->exclude);
    return 0;
}

/* A list from which the filter takes only some keys. */
struct filtered {
    const struct key_filter *filter;
    const struct source_listing *listing;
    uint64_t *left_out;
};

static bool find_object(void *user, const struct source_object *object)
{
    const struct filtered *filtered = user;
    bool is_taken = key_filter_takes(filtered->filter, object->key);
    *filtered->left_out += !is_taken;
    return !is_taken || filtered->listing->found(filtered->listing->user, object);
}

static void skip_keys(void *user, const char *key, struct buffer *up_to)
{
    const struct filtered *filtered = user;
    filtered->listing->skip(filtered->listing->user, key, up_to);
}

int source_list(struct source *source, const struct source_listing *listing, struct buffer *error)
{
    struct filtered filtered = {&source->filter, listing, &source->left_out};
    const struct source_listing how = {.user = &filtered,
                                       .found = find_object,
                                       .skip = listing->skip ? skip_keys : NULL,
                                       .may_be_empty = listing->may_be_empty,
                                       .may_be_missing = listing->may_be_missing};
    progress_begin(PROGRESS_LIST, 0, 0);
    return source->kind->list(source, key_filter_is_open(&source->filter) ? listing : &how, error);
}

/* Makes the names of the objects, and passes the objects to the kind of source. */
static int expect(struct source *source, const struct source_object *objects, size_t count,
                  struct buffer *error)
{
    source->names = memory_allocate(count + 1, sizeof *source->names);
    for (size_t i = 0; i < count; i++) {
        struct buffer name = {0};
        source->kind->name(source, objects[i].key, &name);
        source->names[source->count++] = name.data;
        source->size += objects[i].size;
    }
    return source->kind->expect(source, objects, error);
}

int source_expect(struct source *source, const struct source_object *objects, size_t count,
                  struct buffer *error)
{
    source->is_tolerant = true;
    return expect(source, objects, count, error);
}

bool source_is_unchanged(struct source *source, const struct body *body)
{
    return !source->is_tolerant || !source->kind->is_unchanged ||
           source->kind->is_unchanged(source, body);
}

bool source_still_lists(struct source *source, const struct source_object *object,
                        struct buffer *error)
{
    return source->kind->still_lists && source->kind->still_lists(source, object, error);
}

void source_add_regions(const struct source *source, struct buffer *lines)
{
    if (source->kind->add_regions)
        source->kind->add_regions(source, lines);
}

bool source_has_content_tags(const struct source *source)
{
    return !source->kind->find_content;
}

bool source_find_content(const struct source *source, const struct source_object *object,
                         enum content_effort effort, struct content *content)
{
    return source->kind->find_content && source->kind->find_content(object, effort, content);
}

bool source_is_one_file(const struct source *source, const char *key, const char *other)
{
    return source->has_links && files_are_one(key, other);
}

enum source_place source_find_place(const struct source *source, const char *key)
{
    if (source->kind->find_member)
        source = source->kind->find_member(source, &key);
    if (!source || !key_filter_has(&source->filter, key))
        return SOURCE_HAS_NO_KEY;
    return key_filter_takes(&source->filter, key) ? SOURCE_LISTS_KEY : SOURCE_LEAVES_KEY_OUT;
}

/* The objects of a source, while source_open() lists them. */
struct listed {
    struct source_object *objects; /* their texts are owned: one piece each, at key */
    size_t count, capacity;
    bool is_bounded;
    size_t size; /* bytes, also of the objects' names in messages */
};

struct source_object source_object_copy(const struct source_object *object)
{
    struct source_object copy = *object;
    size_t key_size = strlen(object->key) + 1, tag_size = strlen(object->tag) + 1;
    char *texts = memory_resize(NULL, key_size + tag_size, 1);
    copy.key = memcpy(texts, object->key, key_size);
    copy.tag = memcpy(texts + key_size, object->tag, tag_size);
    return copy;
}

/* Returns whether there is room for an object. */
static bool add_size(struct listed *listed, const struct source_object *object)
{
    listed->size += sizeof *object + sizeof(char *) + 2 * (strlen(object->key) + NAMES_ALLOCATION) +
                    strlen(object->tag);
    return !listed->is_bounded || listed->size <= names_size_max;
}

static bool keep_object(void *user, const struct source_object *object)
{
    struct listed *listed = user;
    if (!add_size(listed, object))
        return false;
    listed->objects =
        array_grow(listed->objects, listed->count, &listed->capacity, sizeof *listed->objects);
    listed->objects[listed->count++] = source_object_copy(object);
    return true;
}

int source_open(struct source *source, const char *uri, const struct site *site, unsigned transfers,
                struct buffer *error)
{
    struct listed listed = {.is_bounded = site_kind(uri) == SITE_BUCKET};
    struct source_listing listing = {.user = &listed, .found = keep_object};
    if (source_connect(source, uri, site, transfers, error) < 0)
        return -1;
    int result = source_list(source, &listing, error);
    if (listed.is_bounded && listed.size > names_size_max)
        buffer_printf(
            error,
            "%s: more than %zu objects, whose names do not fit into %d MiB; name fewer by a "
            "longer prefix, or read the bucket as a site, with cat --site",
            uri, listed.count, SOURCE_NAMES_MIB);
    source->listed = listed.objects;
    source->listed_count = listed.count;
    if (result == 0 && expect(source, listed.objects, listed.count, error) == 0)
        return 0;
    source_close(source);
    return -1;
}

int source_next(struct source *source, struct body *body)
{
    return source->kind->next(source, body);
}

bool source_remove(struct source *source, struct cleaner *cleaner, struct clean_item *items,
                   size_t count)
{
    return source->kind->remove && source->kind->remove(source, cleaner, items, count);
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
