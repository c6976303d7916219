#include "batch/same_log.h"

#include <string.h>

#include "ledger/log_name.h"
#include "source/key_hour.h"
#include "source/file_tag.h"
#include "text/buffer.h"
#include "text/by_number.h"
#include "text/message.h"

static struct source_object as_source_object(const struct ledger_object *object)
{
    return (struct source_object){object->key, object->tag, object->size, object->modified};
}

static bool has_content(const struct ledger_object *object)
{
    return object->content && *object->content;
}

static bool has_digest(const struct ledger_object *object)
{
    return object->digest && *object->digest;
}

/* Where two objects are. */
enum pair {
    PAIR_IN_BUCKETS,
    PAIR_OF_FILES,
    PAIR_OF_BOTH,     /* a file and an object of a bucket, in a source that has both */
    PAIR_OF_NO_SOURCE /* the source was of another kind when OTHER was counted */
};

static enum pair find_pair(const struct source *source, const struct ledger_object *object,
                           const struct ledger_object *other)
{
    bool is_in_bucket =
        source->is_mixed ? !file_tag_is(object->tag) : source_has_content_tags(source);
    if (is_in_bucket != file_tag_is(other->tag))
        return is_in_bucket ? PAIR_IN_BUCKETS : PAIR_OF_FILES;
    return source->is_mixed ? PAIR_OF_BOTH : PAIR_OF_NO_SOURCE;
}

static bool is_gz(const char *key)
{
    size_t size = strlen(key);
    return size >= 3 && !strcmp(key + size - 3, ".gz");
}

bool same_log_is_unique_name(const char *key)
{
    return key_has_form(key);
}

int same_log_compare_texts(const void *a, const void *b)
{
    const struct same_log_text *x = a, *y = b;
    int order = digest_compare(x->digest, y->digest);
    if (!order)
        order = y->is_unique - x->is_unique;
    if (!order && x->is_unique)
        order = log_name_compare(x->key, y->key);
    return order ? order : (x->object > y->object) - (x->object < y->object);
}

void same_log_find_content(const struct source *source, struct ledger_object *object,
                           struct content *found)
{
    struct source_object as_listed = as_source_object(object);
    if (!source_find_content(source, &as_listed, CONTENT_BY_READING, found))
        *found = (struct content){0};
    object->content = found->end;
    object->digest = found->digest;
}

/* Reads the whole text of a file.  Returns false when the file is gone or was replaced. */
static bool inflate(const struct source *source, const struct ledger_object *object,
                    struct content *content)
{
    struct source_object as_listed = as_source_object(object);
    return source_find_content(source, &as_listed, CONTENT_BY_INFLATING, content);
}

/* Finds the digest of a file's text.  Returns false also when the file is corrupt. */
static bool find_digest(const struct source *source, const struct ledger_object *object,
                        struct content *found)
{
    return inflate(source, object, found) && *found->digest;
}

enum comparison { TEXTS_UNKNOWN, TEXTS_DIFFER, TEXTS_EQUAL };

/* Compares the whole texts.  If only one text is known, reads the other object, if it is a file that still
 * exists. */
static enum comparison compare_texts(const struct source *source,
                                     const struct ledger_object *object,
                                     const struct ledger_object *other)
{
    struct content found;
    const char *digest = object->digest, *other_digest = other->digest;
    if (!has_digest(object) && !has_digest(other))
        return TEXTS_UNKNOWN;
    if (!has_digest(object) && find_digest(source, object, &found))
        digest = found.digest;
    else if (!has_digest(other) && find_digest(source, other, &found))
        other_digest = found.digest;
    else if (!has_digest(object) || !has_digest(other))
        return TEXTS_UNKNOWN;
    return strcmp(digest, other_digest) ? TEXTS_DIFFER : TEXTS_EQUAL;
}

static enum same_log compare_in_bucket(const struct ledger_object *object,
                                       const struct ledger_object *other)
{
    if (has_digest(object) && has_digest(other))
        return strcmp(object->digest, other->digest) ? SAME_LOG_NO : SAME_LOG_BY_CONTENT;
    if (!strcmp(object->key, other->key))
        return SAME_LOG_NO; /* one has replaced the other */
    if (object->size == other->size && *object->tag && !strcmp(object->tag, other->tag))
        return SAME_LOG_BY_CONTENT;
    bool may_be = object->size == other->size || is_gz(object->key) != is_gz(other->key);
    return may_be && same_log_is_unique_name(object->key) ? SAME_LOG_BY_NAME : SAME_LOG_NO;
}

static bool is_there(const struct source *source, const struct ledger_object *object)
{
    struct content content;
    struct source_object as_listed = as_source_object(object);
    return source_find_content(source, &as_listed, CONTENT_BY_TRAILER, &content);
}

/* Whether OTHER has the whole text of OBJECT.  Called when their contents are equal, and no digests can be compared:
 * they are not read yet, or an older version of this program has counted OTHER.  The trailer of a gzip file describes
 * only its last member.  So a file of one member is in any other file that ends with this member, however it is
 * compressed.  A file of several members is compared as a whole, if both files exist. */
static bool is_held(const struct source *source, const struct ledger_object *object,
                    const struct ledger_object *other)
{
    struct content content, other_content;
    bool is_same_size = object->size == other->size;
    if (content_is_plain(object->content, object->size) ||
        (is_same_size && !is_there(source, other)))
        return true;
    if (!inflate(source, object, &content))
        return is_same_size;
    if (!strcmp(content.end, object->content))
        return true;
    return inflate(source, other, &other_content) ? !strcmp(content.digest, other_content.digest)
                                                  : is_same_size;
}

static enum same_log compare_files(const struct source *source, const struct ledger_object *object,
                                   const struct ledger_object *other)
{
    struct content content;
    struct ledger_object found = *other;
    enum comparison texts = compare_texts(source, object, other);
    if (texts != TEXTS_UNKNOWN)
        return texts == TEXTS_EQUAL ? SAME_LOG_BY_CONTENT : SAME_LOG_NO;
    if (!has_content(other))
        same_log_find_content(source, &found, &content);
    if (has_content(&found))
        return !strcmp(object->content, found.content) && is_held(source, object, &found)
                   ? SAME_LOG_BY_CONTENT
                   : SAME_LOG_NO;
    return object->size == other->size && same_log_is_unique_name(object->key) ? SAME_LOG_BY_NAME
                                                                               : SAME_LOG_NO;
}

bool same_log_is_renamed(const struct source *source, const struct ledger_object *object,
                         const struct ledger_object *other)
{
    enum pair pair = find_pair(source, object, other);
    if (!strcmp(object->key, other->key) || pair == PAIR_OF_NO_SOURCE)
        return false;
    if (source_is_one_file(source, object->key, other->key))
        return true;
    if (same_log_is_unique_name(object->key) && same_log_is_unique_name(other->key))
        return false;
    if (has_digest(object) && has_digest(other))
        return !strcmp(object->digest, other->digest);
    if (pair == PAIR_IN_BUCKETS)
        return *object->tag && object->size == other->size && !strcmp(object->tag, other->tag);
    enum comparison texts = compare_texts(source, object, other);
    if (texts != TEXTS_UNKNOWN)
        return texts == TEXTS_EQUAL;
    return pair == PAIR_OF_FILES && has_content(object) && has_content(other) &&
           !strcmp(object->content, other->content) && is_held(source, object, other);
}

/* Returns the first object before LAST that stands for its log and that ITEM is a copy of; ITEM when there is
 * none.  Looks only at names of CloudFront's form (UNIQUE), or only at other names. */
static size_t find_first(const struct same_log_item *items, size_t item, size_t last,
                         const size_t *first, bool unique)
{
    for (size_t i = 0; i < last; i++)
        if (i != item && first[i] == i && items[i].source->kind == items[item].source->kind &&
            same_log_is_unique_name(items[i].object->key) == unique &&
            same_log_is_renamed(items[item].source, items[item].object, items[i].object))
            return i;
    return item;
}

void same_log_divide(const struct same_log_item *items, size_t count, size_t *first)
{
    for (size_t i = 0; i < count; i++)
        first[i] = i;
    for (size_t i = 0; i < count; i++)
        if (same_log_is_unique_name(items[i].object->key) && items[i].source->has_links)
            first[i] = find_first(items, i, i, first, true);
    for (size_t i = 0; i < count; i++)
        if (!same_log_is_unique_name(items[i].object->key)) {
            first[i] = find_first(items, i, count, first, true);
            if (first[i] == i)
                first[i] = find_first(items, i, i, first, false);
        }
}

enum same_log same_log(const struct source *source, const struct ledger_object *object,
                       const struct ledger_object *other)
{
    switch (find_pair(source, object, other)) {
    case PAIR_IN_BUCKETS:
        return compare_in_bucket(object, other);
    case PAIR_OF_FILES:
        return has_content(object) ? compare_files(source, object, other) : SAME_LOG_NO;
    case PAIR_OF_BOTH:
        return compare_texts(source, object, other) == TEXTS_EQUAL ? SAME_LOG_BY_CONTENT
                                                                   : SAME_LOG_NO;
    case PAIR_OF_NO_SOURCE:
        break;
    }
    return SAME_LOG_NO;
}

bool same_log_has_text(const struct source *source, const struct ledger_object *object,
                       const struct ledger_object *other)
{
    bool is_of_source =
        source->is_mixed || source_has_content_tags(source) != file_tag_is(other->tag);
    return is_of_source && compare_texts(source, object, other) == TEXTS_EQUAL;
}

void same_log_warn(const char *name, const char *twin, uint64_t copies)
{
    struct buffer more = {0};
    buffer_add_text(&more, "");
    if (copies > 1)
        buffer_printf(&more, "; the same is true of %llu more %s", (unsigned long long)copies - 1,
                      by_number(copies - 1, "object", "objects"));
    if (strcmp(name, twin))
        message_warning("%s holds the same log as %s; its records are counted only once%s", name,
                        twin, more.data);
    else
        message_warning("%s has another time of modification, but the same content; its records "
                        "are counted only once%s",
                        name, more.data);
    buffer_free(&more);
}
