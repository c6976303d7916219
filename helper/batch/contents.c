#include "batch/contents.h"

#include <stdlib.h>
#include <string.h>

#include "batch/same_log.h"
#include "memory/allocate.h"
#include "source/file_tag.h"
#include "text/buffer.h"

void contents_add(struct contents *contents, const struct ledger_object *object, size_t number)
{
    struct buffer texts = {0};
    buffer_add(&texts, object->key, strlen(object->key) + 1);
    size_t tag = texts.size;
    buffer_add(&texts, object->tag, strlen(object->tag) + 1);
    size_t content = texts.size;
    buffer_add_text(&texts, object->content ? object->content : "");
    contents->items =
        array_grow(contents->items, contents->count, &contents->capacity, sizeof *contents->items);
    struct contents_item *item = &contents->items[contents->count++];
    *item = (struct contents_item){*object, number};
    item->object.key = texts.data;
    item->object.tag = texts.data + tag;
    item->object.content = texts.data + content;
}

/* Orders by what objects hold. */
static int compare_held(const struct ledger_object *a, const struct ledger_object *b)
{
    bool a_is_file = file_tag_is(a->tag), b_is_file = file_tag_is(b->tag);
    if (a_is_file || b_is_file)
        return a_is_file && b_is_file ? strcmp(a->content, b->content) : a_is_file - b_is_file;
    int order = strcmp(a->tag, b->tag);
    return order ? order : (a->size > b->size) - (a->size < b->size);
}

static int compare(const void *a, const void *b)
{
    const struct contents_item *x = a, *y = b;
    int order = compare_held(&x->object, &y->object);
    return order ? order : strcmp(x->object.key, y->object.key);
}

static int compare_with_item(const void *key, const void *item)
{
    return compare_held(key, &((const struct contents_item *)item)->object);
}

void contents_sort(struct contents *contents)
{
    if (contents->count)
        qsort(contents->items, contents->count, sizeof *contents->items, compare);
}

/* Returns the end of the group that begins at BEGIN: objects that can hold the same. */
static size_t find_end(const struct contents *contents, size_t begin)
{
    const struct contents_item *items = contents->items;
    size_t end = begin + 1;
    while (end < contents->count && !compare_held(&items[begin].object, &items[end].object))
        end++;
    return end;
}

const struct contents_item *contents_find(const struct contents *contents, size_t limit,
                                          const struct ledger_object *object)
{
    struct contents_item *items = contents->items;
    struct contents_item *found =
        contents->count ? bsearch(object, items, contents->count, sizeof *items, compare_with_item)
                        : NULL;
    if (!found)
        return NULL;
    size_t i = (size_t)(found - items);
    while (i && !compare_held(object, &items[i - 1].object))
        i--;
    for (; i < contents->count && !compare_held(object, &items[i].object); i++)
        if (items[i].number < limit &&
            same_log_is_renamed(contents->source, &items[i].object, object))
            return &items[i];
    return NULL;
}

/* Divides the objects of one group. */
static bool divide_group(const struct contents *contents, size_t begin, size_t count,
                         contents_visit *visit, void *user)
{
    const struct contents_item *items = contents->items + begin;
    struct same_log_item *logs = memory_allocate(count, sizeof *logs);
    size_t *first = memory_allocate(count, sizeof *first);
    bool done = true;
    for (size_t i = 0; i < count; i++)
        logs[i] = (struct same_log_item){contents->source, &items[i].object};
    same_log_divide(logs, count, first);
    for (size_t i = 0; done && i < count; i++)
        done = first[i] == i || visit(user, &items[i], &items[first[i]]);
    free(first);
    free(logs);
    return done;
}

bool contents_divide(const struct contents *contents, contents_visit *visit, void *user)
{
    bool done = true;
    for (size_t i = 0, end; done && i < contents->count; i = end) {
        end = find_end(contents, i);
        done = end == i + 1 || divide_group(contents, i, end - i, visit, user);
    }
    return done;
}

void contents_free(struct contents *contents)
{
    for (size_t i = 0; i < contents->count; i++)
        free((char *)contents->items[i].object.key);
    free(contents->items);
}
