#include "batch/renamed.h"

#include <string.h>

#include "batch/contents.h"
#include "batch/same_log.h"

void copies_found_add(struct copies_found *found, const char *key, const char *twin)
{
    if (found->count++)
        return;
    buffer_add_text(&found->first, key);
    buffer_add_text(&found->twin, twin);
}

/* The objects of the batch that hold what counted ones hold; a visitor must not change the ledger. */
struct keeping {
    struct contents copies;
    struct copies_found *found;
};

static bool keep_copy(void *user, const struct ledger_object *object,
                      const struct ledger_object *counted)
{
    struct keeping *keeping = user;
    struct contents *copies = &keeping->copies;
    bool is_kept =
        copies->count && !strcmp(copies->items[copies->count - 1].object.key, object->key);
    if (!is_kept && same_log_is_renamed(copies->source, object, counted)) {
        contents_add(copies, object, 0);
        copies_found_add(keeping->found, object->key, counted->key);
    }
    return true;
}

bool renamed_leave_out(struct ledger *ledger, const struct source *source, bool clean_up,
                       struct copies_found *found)
{
    struct keeping keeping = {.copies = {.source = source}, .found = found};
    bool done = ledger_visit_equals(ledger, source_has_content_tags(source), keep_copy, &keeping);
    for (size_t i = 0; done && i < keeping.copies.count; i++) {
        const struct ledger_object *copy = &keeping.copies.items[i].object;
        done = ledger_remove(ledger, copy->key) && ledger_add_copy(ledger, copy, clean_up);
    }
    contents_free(&keeping.copies);
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
    contents_sort(&equals);
    done = done && contents_divide(&equals, set_twin, ledger) &&
           (!equals.count || ledger_pass_twins(ledger));
    contents_free(&equals);
    return done;
}
