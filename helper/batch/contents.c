#include "batch/contents.h"

#include <stdlib.h>
#include <string.h>

#include "batch/same_log.h"
#include "memory/allocate.h"
#include "source/file_tag.h"
#include "text/buffer.h"

struct ledger_object contents_copy(const struct ledger_object *object)
{
    struct ledger_object copy = *object;
    struct buffer texts = {0};
    buffer_add(&texts, object->key, strlen(object->key) + 1);
    size_t tag = texts.size;
    buffer_add(&texts, object->tag, strlen(object->tag) + 1);
    size_t content = texts.size;
    const char *text = object->content ? object->content : "";
    buffer_add(&texts, text, strlen(text) + 1);
    size_t digest = texts.size;
    buffer_add_text(&texts, object->digest ? object->digest : "");
    copy.key = texts.data;
    copy.tag = texts.data + tag;
    copy.content = texts.data + content;
    copy.digest = texts.data + digest;
    return copy;
}

void contents_add(struct contents *contents, const struct ledger_object *object, size_t number)
{
    contents->items =
        array_grow(contents->items, contents->count, &contents->capacity, sizeof *contents->items);
    contents->items[contents->count++] = (struct contents_item){contents_copy(object), number};
}

typedef int compare_objects(const struct ledger_object *a, const struct ledger_object *b);

static int compare_digests(const struct ledger_object *a, const struct ledger_object *b)
{
    int order = strcmp(a->digest, b->digest);
    return order || *a->digest ? order : strcmp(a->key, b->key);
}

static int compare_ends(const struct ledger_object *a, const struct ledger_object *b)
{
    bool a_is_file = file_tag_is(a->tag), b_is_file = file_tag_is(b->tag);
    if (a_is_file || b_is_file)
        return a_is_file && b_is_file ? strcmp(a->content, b->content) : a_is_file - b_is_file;
    int order = strcmp(a->tag, b->tag);
    return order ? order : (a->size > b->size) - (a->size < b->size);
}

/* Returns the order of the contents: equal objects can hold the same log. */
static compare_objects *compare_held(const struct contents *contents)
{
    return contents->order == CONTENTS_BY_DIGEST ? compare_digests : compare_ends;
}

static int compare(const void *a, const void *b, void *user)
{
    const struct contents_item *x = a, *y = b;
    int order = compare_held(user)(&x->object, &y->object);
    return order ? order : strcmp(x->object.key, y->object.key);
}

void contents_sort(struct contents *contents, enum contents_order order)
{
    contents->order = order;
    if (contents->count)
        qsort_r(contents->items, contents->count, sizeof *contents->items, compare, contents);
}

/* Returns the end of the group that begins at BEGIN.  The objects of a group can hold the same log. */
static size_t find_end(const struct contents *contents, size_t begin)
{
    const struct contents_item *items = contents->items;
    size_t end = begin + 1;
    while (end < contents->count &&
           !compare_held(contents)(&items[begin].object, &items[end].object))
        end++;
    return end;
}

const struct contents_item *contents_find(const struct contents *contents, size_t limit,
                                          const struct ledger_object *object)
{
    const struct contents_item *items = contents->items;
    compare_objects *compare_to = compare_held(contents);
    size_t i = 0;
    for (size_t end = contents->count; i < end;) {
        size_t middle = i + (end - i) / 2;
        if (compare_to(&items[middle].object, object) < 0)
            i = middle + 1;
        else
            end = middle;
    }
    for (; i < contents->count && !compare_to(object, &items[i].object); i++)
        if (items[i].number < limit &&
            same_log_is_renamed(contents->source, &items[i].object, object))
            return &items[i];
    return NULL;
}

/* Divides the objects of one group into logs, and visits each object that is a copy of an earlier one. */
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
