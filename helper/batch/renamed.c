#include "batch/renamed.h"

#include <stdlib.h>
#include <string.h>

#include "batch/contents.h"
#include "batch/same_log.h"
#include "ledger/log_name.h"

void copies_found_add(struct copies_found *found, const char *key, const char *twin)
{
    if (found->count++)
        return;
    buffer_add_text(&found->first, key);
    buffer_add_text(&found->twin, twin);
}

static bool find_other_name(void *user, const struct ledger_object *object)
{
    *(bool *)user |= !same_log_is_unique_name(object->key);
    return true;
}

bool renamed_can_be(struct ledger *ledger, bool has_other_names, bool *can_be)
{
    enum ledger_names names, before;
    if (!ledger_get_names(ledger, &before))
        return false;
    names = before;
    if (has_other_names)
        names = LEDGER_NAMES_SOME_OTHER;
    if (names == LEDGER_NAMES_UNKNOWN) {
        bool has_counted = false;
        if (!ledger_visit_counted(ledger, find_other_name, &has_counted))
            return false;
        names = has_counted ? LEDGER_NAMES_SOME_OTHER : LEDGER_NAMES_ALL_UNIQUE;
    }
    *can_be = names == LEDGER_NAMES_SOME_OTHER;
    return names == before || ledger_set_names(ledger, names);
}

/* The objects of the batch that hold the same logs as counted ones.  They are collected first, because a visitor must
 * not change the ledger. */
struct keeping {
    struct contents copies;
    struct buffer twin; /* the key of the counted object with the log of the first copy */
    struct buffer key;  /* of the object that is visited */
    bool is_copy;       /* this object is the last of the copies */
    bool is_link;       /* this object and a counted one are the same file */
    bool is_other;      /* this object is another log, by its name */
};

/* Whether the names are different ones of CloudFront's form. */
static bool are_two_logs(const char *key, const char *other)
{
    return same_log_is_unique_name(key) && same_log_is_unique_name(other) &&
           log_name_compare(key, other) != 0;
}

/* Whether one of the copies has the same content, but is another log by its name. */
static bool has_other_log(const struct contents *copies, const struct ledger_object *object)
{
    bool has_tags = source_has_content_tags(copies->source), found = false;
    for (size_t i = 0; i < copies->count && !found; i++) {
        const struct ledger_object *copy = &copies->items[i].object;
        found = (has_tags ? copy->size == object->size && !strcmp(copy->tag, object->tag)
                          : !strcmp(copy->content, object->content)) &&
                are_two_logs(object->key, copy->key);
    }
    return found;
}

/* Begins with the next object of the batch.  Only the first of several objects with the same content and names
 * of CloudFront's form can be a copy of an object of another name. */
static void begin_object(struct keeping *keeping, const struct ledger_object *object)
{
    buffer_clear(&keeping->key);
    buffer_add_text(&keeping->key, object->key);
    keeping->is_copy = keeping->is_link = false;
    keeping->is_other = has_other_log(&keeping->copies, object);
}

static void add_copy(struct keeping *keeping, const struct ledger_object *object,
                     const struct ledger_object *counted)
{
    if (keeping->is_copy)
        return;
    struct ledger_object copy = *object;
    if (!*copy.digest)
        copy.digest = counted->digest;
    keeping->is_copy = true;
    contents_add(&keeping->copies, &copy, 0);
    if (keeping->copies.count > 1)
        return;
    buffer_clear(&keeping->twin);
    buffer_add_text(&keeping->twin, counted->key);
}

static void drop_copy(struct keeping *keeping)
{
    keeping->is_other = true;
    if (keeping->is_copy)
        free((char *)keeping->copies.items[--keeping->copies.count].object.key);
    keeping->is_copy = false;
}

static bool keep_copy(void *user, const struct ledger_object *object,
                      const struct ledger_object *counted)
{
    struct keeping *keeping = user;
    const struct source *source = keeping->copies.source;
    if (!keeping->key.size || strcmp(keeping->key.data, object->key) != 0)
        begin_object(keeping, object);
    keeping->is_link |= source_is_one_file(source, object->key, counted->key);
    if (keeping->is_link)
        add_copy(keeping, object, counted);
    else if (same_log_is_unique_name(object->key) && !same_log_is_unique_name(counted->key) &&
             *counted->digest)
        ; /* same_text.c decides after reading: a counted name of CloudFront's may have the text */
    else if (!keeping->is_other && are_two_logs(object->key, counted->key))
        drop_copy(keeping);
    else if (!keeping->is_other && same_log_is_renamed(source, object, counted))
        add_copy(keeping, object, counted);
    return true;
}

bool renamed_leave_out(struct ledger *ledger, const struct source *source, bool clean_up,
                       struct copies_found *found)
{
    struct keeping keeping = {.copies = {.source = source}};
    bool done = ledger_visit_equals(ledger, source_has_content_tags(source), keep_copy, &keeping);
    for (size_t i = 0; done && i < keeping.copies.count; i++) {
        const struct ledger_object *copy = &keeping.copies.items[i].object;
        copies_found_add(found, copy->key, keeping.twin.data);
        done = ledger_remove(ledger, copy->key) && ledger_add_copy(ledger, copy, clean_up);
    }
    contents_free(&keeping.copies);
    buffer_free(&keeping.twin);
    buffer_free(&keeping.key);
    return done;
}

static bool keep_equal(void *user, const struct ledger_object *object)
{
    contents_add(user, object, 0);
    return true;
}

static bool set_twin(void *user, const struct contents_item *copy,
                     const struct contents_item *first)
{
    return ledger_set_twin(user, copy->object.key, first->object.key);
}

bool renamed_pair(struct ledger *ledger, const struct source *source)
{
    struct contents equals = {.source = source};
    bool done =
        ledger_visit_batch_equals(ledger, source_has_content_tags(source), keep_equal, &equals);
    contents_sort(&equals, CONTENTS_BY_END);
    done = done && contents_divide(&equals, set_twin, ledger) &&
           (!equals.count || ledger_pass_twins(ledger));
    contents_free(&equals);
    return done;
}
