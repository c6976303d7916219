#include "batch/same_log.h"

#include <string.h>

#include "batch/key_hour.h"
#include "source/file_tag.h"
#include "text/buffer.h"
#include "text/message.h"

static struct source_object as_source_object(const struct ledger_object *object)
{
    return (struct source_object){object->key, object->tag, object->size, object->modified};
}

static bool has_content(const struct ledger_object *object)
{
    return object->content && *object->content;
}

static bool is_gz(const char *key)
{
    size_t size = strlen(key);
    return size >= 3 && !strcmp(key + size - 3, ".gz");
}

bool same_log_is_unique_name(const char *key)
{
    int64_t hour;
    return key_hour(key, &hour);
}

void same_log_find_content(const struct source *source, struct ledger_object *object,
                           char text[CONTENT_SIZE])
{
    struct source_object as_listed = as_source_object(object);
    *text = '\0';
    object->content = text;
    if (!source_find_content(source, &as_listed, false, text))
        *text = '\0';
}

static enum same_log compare_in_bucket(const struct ledger_object *object,
                                       const struct ledger_object *other)
{
    if (!strcmp(object->key, other->key))
        return SAME_LOG_NO; /* it was replaced */
    if (object->size == other->size && *object->tag && !strcmp(object->tag, other->tag))
        return SAME_LOG_BY_CONTENT;
    bool may_be = object->size == other->size || is_gz(object->key) != is_gz(other->key);
    return may_be && same_log_is_unique_name(object->key) ? SAME_LOG_BY_NAME : SAME_LOG_NO;
}

/* Compares files with equal contents.  The trailer of a gzip file describes its last member alone,
 * so it is inflated before it is taken for the copy of a plain file. */
static bool are_equal(const struct source *source, const struct ledger_object *object,
                      const struct ledger_object *other)
{
    char content[CONTENT_SIZE];
    struct source_object as_listed = as_source_object(object);
    if (object->size == other->size || content_is_plain(object->content, object->size))
        return true;
    return content_is_plain(other->content, other->size) &&
           source_find_content(source, &as_listed, true, content) &&
           !strcmp(content, other->content);
}

static enum same_log compare_files(const struct source *source, const struct ledger_object *object,
                                   const struct ledger_object *other)
{
    char text[CONTENT_SIZE];
    struct ledger_object found = *other;
    if (!has_content(other))
        same_log_find_content(source, &found, text);
    if (has_content(&found))
        return !strcmp(object->content, found.content) && are_equal(source, object, &found)
                   ? SAME_LOG_BY_CONTENT
                   : SAME_LOG_NO;
    return object->size == other->size && same_log_is_unique_name(object->key) ? SAME_LOG_BY_NAME
                                                                               : SAME_LOG_NO;
}

enum same_log same_log(const struct source *source, const struct ledger_object *object,
                       const struct ledger_object *other)
{
    bool has_tags = source_has_content_tags(source);
    if (has_tags == file_tag_is(other->tag))
        return SAME_LOG_NO; /* it was counted when the source was of another kind */
    if (has_tags)
        return compare_in_bucket(object, other);
    return has_content(object) ? compare_files(source, object, other) : SAME_LOG_NO;
}

void same_log_warn(const char *name, const char *twin, uint64_t copies)
{
    struct buffer more = {0};
    buffer_add_text(&more, "");
    if (copies > 1)
        buffer_printf(&more, "; the same is true of %llu more objects",
                      (unsigned long long)copies - 1);
    if (strcmp(name, twin))
        message_warning("%s holds the same log as %s; its records are counted only once%s", name,
                        twin, more.data);
    else
        message_warning("%s has another time of modification, but the same content; its records "
                        "are counted only once%s",
                        name, more.data);
    buffer_free(&more);
}
