#include "batch/same_text.h"

#include <stdlib.h>
#include <string.h>

#include "batch/internal.h"
#include "batch/renamed.h"
#include "batch/same_log.h"
#include "config/site_command.h"
#include "ledger/log_name.h"
#include "memory/allocate.h"
#include "text/by_number.h"
#include "text/message.h"

/* What look_at() has found about the counted objects with the text of an object. */
struct counted {
    const struct same_log_text *item;
    const struct source *source;
    const char *digest;
    bool has_namesake, has_unique;
    struct buffer key; /* of the namesake, or else of the first object */
};

/* One text, and what decide() knows about the batch's objects with this text. */
struct group {
    struct batch *batch;
    bool any_name;                     /* counted objects of any name are compared */
    const struct same_log_text *first; /* the first object that stands for a log of this text */
    bool has_unique; /* an object with a name of CloudFront's form has this text, here or counted */
    const struct same_log_text *unique; /* the last object of such a name; it stands for its log, */
    struct buffer twin;                 /* unless this key of a counted object does */
};

/* Looks at a counted object that has the text, or whose text is not known. */
static bool look_at(void *user, const struct ledger_object *other)
{
    struct counted *counted = user;
    const struct ledger_object object = {
        .key = counted->item->key, .tag = "", .content = "", .digest = counted->digest};
    if (!same_log_has_text(counted->source, &object, other))
        return true;
    bool is_namesake = log_name_compare(object.key, other->key) == 0;
    if (!counted->key.size || is_namesake) {
        buffer_clear(&counted->key);
        buffer_add_text(&counted->key, other->key);
    }
    counted->has_namesake |= is_namesake;
    counted->has_unique |= same_log_is_unique_name(other->key);
    /* An object of another name needs one counted object only.  An object of CloudFront's form goes on, to find out
     * whether a name of this form has the text. */
    return !counted->has_namesake && counted->item->is_unique;
}

/* Decides about an object whose name is of CloudFront's form.  Such a name is a log of its own.  But if only counted
 * objects of other names have the text, the first such name is their log. */
static void decide_unique(struct group *group, const struct same_log_text *item,
                          const struct counted *counted)
{
    bool is_namesake = group->unique && !log_name_compare(group->unique->key, item->key);
    if (!is_namesake) {
        group->unique = item;
        buffer_clear(&group->twin);
        if (counted->has_namesake || (counted->key.size && !group->has_unique))
            buffer_add_text(&group->twin, counted->key.data);
    }
    group->has_unique = true;
    if (group->twin.size)
        copies_drop(group->batch, item->object, item->object, group->twin.data);
    else if (is_namesake)
        copies_drop(group->batch, item->object, group->unique->object, NULL);
}

/* Decides about one object of a group, after those before it. */
static bool decide(struct group *group, const struct same_log_text *item)
{
    struct batch *batch = group->batch;
    char digest[DIGEST_WRITTEN_SIZE];
    digest_write(item->digest, digest);
    struct counted counted = {.item = item, .source = batch->source, .digest = digest};
    if (!ledger_visit_texts(batch->ledger, item->key, digest, group->any_name, look_at, &counted))
        return false;
    group->has_unique |= counted.has_unique;
    if (item->is_unique)
        decide_unique(group, item, &counted);
    else if (counted.key.size)
        copies_drop(batch, item->object, item->object, counted.key.data);
    else if (group->first)
        copies_drop(batch, item->object, group->first->object, NULL);
    if (!group->first && !counted.key.size)
        group->first = item;
    buffer_free(&counted.key);
    return true;
}

/* Collects the objects that were read and are not dropped yet, in the order of their texts. */
static struct same_log_text *collect(const struct batch *batch, size_t *count)
{
    struct same_log_text *items = memory_allocate(batch->count + 1, sizeof *items);
    bool *is_dropped = memory_allocate(batch->count + 1, sizeof *is_dropped);
    for (size_t i = 0; i < batch->copy_count; i++)
        is_dropped[batch->copies[i].object] = batch->copies[i].is_dropped;
    *count = 0;
    for (size_t i = 0; i < batch->count; i++)
        if (digest_is_known(&batch->digests[i]) && !is_dropped[i])
            items[(*count)++] = (struct same_log_text){
                .digest = &batch->digests[i],
                .key = batch->objects[i].key,
                .object = i,
                .is_unique = same_log_is_unique_name(batch->objects[i].key),
            };
    free(is_dropped);
    if (*count)
        qsort(items, *count, sizeof *items, same_log_compare_texts);
    return items;
}

/* Warns of objects that have changed since they were counted.  Each is counted again as a whole: if a log has grown,
 * its older records count twice; if the log was rotated, none does. */
static bool warn_of_replaced(const struct batch *batch, const struct same_log_text *items,
                             size_t count)
{
    bool *is_kept = memory_allocate(batch->count + 1, sizeof *is_kept);
    const char *example = NULL;
    uint64_t replaced = 0;
    bool done = true;
    for (size_t i = 0; i < count; i++)
        is_kept[items[i].object] = true;
    for (size_t i = 0; i < batch->copy_count; i++)
        is_kept[batch->copies[i].object] &= !batch->copies[i].is_dropped;
    for (size_t i = 0; done && i < batch->count; i++) {
        int is_known = is_kept[i] ? ledger_knows_key(batch->ledger, batch->objects[i].key) : 0;
        done = is_known >= 0;
        if (is_known > 0 && !replaced++)
            example = batch->source->names[i];
    }
    free(is_kept);
    if (!done || !replaced)
        return done;
    struct buffer more = {0};
    buffer_add_text(&more, "");
    if (replaced > 1)
        buffer_printf(&more, "; the same is true of %llu more %s", (unsigned long long)replaced - 1,
                      by_number(replaced - 1, "object", "objects"));
    message_warning("%s has changed since it was counted, so all its records are counted now; "
                    "those that it had before count twice if it still has them; CloudFront never "
                    "changes a log: have the program that changed this one write new files "
                    "instead%s",
                    example, more.data);
    buffer_free(&more);
    return true;
}

/* Warns, once for each ledger, if texts of counted objects are unknown and the batch counts an object whose name
 * is not of CloudFront's form: the object may be a copy of one of them. */
static bool warn_of_unread(const struct batch *batch, const struct same_log_text *items,
                           size_t count)
{
    bool *is_dropped = memory_allocate(batch->count + 1, sizeof *is_dropped);
    const struct same_log_text *other = NULL;
    char *key = NULL;
    for (size_t i = 0; i < batch->copy_count; i++)
        is_dropped[batch->copies[i].object] |= batch->copies[i].is_dropped;
    for (size_t i = 0; i < count && !other; i++)
        if (!items[i].is_unique && !is_dropped[items[i].object])
            other = &items[i];
    free(is_dropped);
    if (!other)
        return true;
    if (!ledger_take_unread(batch->ledger, &key))
        return false;
    if (key) {
        struct buffer name = {0};
        char *verify = site_command(&batch->site, "verify");
        batch->source->kind->name(batch->source, key, &name);
        message_warning(
            "%s is counted; an older version of this program has counted other objects, such as "
            "%s, and did not note what they hold: if the new object is a copy of one of them, with "
            "another name and compressed anew, its records count twice; this is told once; to see "
            "the source's figures, run: %s",
            batch->source->names[other->object], name.data, verify);
        free(verify);
        buffer_free(&name);
    }
    free(key);
    return true;
}

bool same_text_find(struct batch *batch)
{
    struct group group = {.batch = batch};
    size_t count;
    if (!batch->count)
        return true;
    if (!renamed_can_be(batch->ledger, false, &group.any_name))
        return false;
    if (group.any_name)
        ledger_expect_texts(batch->ledger, batch->digests, batch->count);
    struct same_log_text *items = collect(batch, &count);
    bool done = true;
    for (size_t i = 0; done && i < count; i++) {
        if (i && digest_compare(items[i - 1].digest, items[i].digest) != 0) {
            group.first = group.unique = NULL;
            group.has_unique = false;
        }
        done = decide(&group, &items[i]);
    }
    done = done && warn_of_replaced(batch, items, count) && warn_of_unread(batch, items, count);
    buffer_free(&group.twin);
    free(items);
    return done;
}
