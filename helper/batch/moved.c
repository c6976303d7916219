#include "batch/moved.h"

#include "batch/internal.h"
#include "batch/same_log.h"

struct search {
    struct batch *batch;
    const struct ledger_object *object; /* the one that was listed */
    bool found, failed;
};

static bool compare_with(void *user, const struct ledger_object *other, bool in_batch)
{
    struct search *search = user;
    search->found =
        in_batch && same_log(search->batch->source, search->object, other) != SAME_LOG_NO;
    return !search->found;
}

/* Sets found if the listed object holds the log of an object of the batch.  Returns false to end the listing. */
static bool look_at(void *user, const struct source_object *listed)
{
    struct search *search = user;
    struct batch *batch = search->batch;
    struct content content;
    struct ledger_object object = {
        .key = listed->key, .tag = listed->tag, .size = listed->size, .modified = listed->modified};
    same_log_find_content(batch->source, &object, &content);
    search->object = &object;
    search->failed = !ledger_visit_namesakes(batch->ledger, object.key, object.content,
                                             LEDGER_ANY_SIZE, compare_with, search) &&
                     !search->found;
    if (!search->found && !search->failed && *object.digest) {
        int has = ledger_has_in_batch(batch->ledger, object.key, object.digest);
        search->found = has > 0;
        search->failed = has < 0;
    }
    return !search->found && !search->failed;
}

bool moved_find(struct batch *batch)
{
    struct buffer error = {0};
    struct search search = {.batch = batch};
    struct source_listing listing = {.user = &search, .found = look_at};
    source_list(batch->source, &listing, &error);
    buffer_free(&error);
    return search.found;
}
