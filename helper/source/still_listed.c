#include "source/still_listed.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "s3/etag.h"
#include "s3/list_objects.h"

enum { IDLE_MS = 1000, LISTS_MAX = 3 };

/* The pause between two lists.  Swift's lists are some milliseconds late. */
static const struct timespec pause_time = {0, 500 * 1000 * 1000};

struct search {
    const struct clean_item *item;
    bool is_found, is_over, failed;
    bool is_everywhere; /* every other list would fail, too */
    struct buffer *error;
};

/* Takes the first object of a list.  If the bucket still has the object of the item, the list of its key begins with
 * it. */
static bool take_first(void *user, struct s3_object object)
{
    struct search *search = user;
    const struct clean_item *item = search->item;
    search->is_found = !strcmp(object.key, item->key) && object.size == item->size &&
                       s3_etag_is_equal(object.etag, item->tag);
    free(object.key);
    return false;
}

static void end(void *user, const struct s3_outcome *outcome)
{
    struct search *search = user;
    search->is_over = true;
    search->failed = outcome->result == S3_FAILED;
    search->is_everywhere = outcome->everywhere;
    if (search->failed)
        buffer_add_text(search->error, s3_outcome_error(outcome));
}

static void list(struct search *search, struct bucket_state *state, const char *prefix)
{
    struct s3_list list = {.user = search, .found = take_first, .done = end};
    search->is_over = search->is_found = false;
    s3_list_start(&list, &state->bucket, state->pool, prefix);
    while (!search->is_over)
        http_pool_step(state->pool, IDLE_MS);
    s3_list_free(&list);
}

bool bucket_still_lists(struct bucket_state *state, const struct clean_item *item, bool *is_listed,
                        struct buffer *error)
{
    struct search search = {.item = item, .error = error};
    for (int lists = 0; !lists || (lists < LISTS_MAX && search.is_found); lists++) {
        if (lists)
            nanosleep(&pause_time, NULL);
        list(&search, state, item->key);
    }
    if (search.failed && !search.is_everywhere) {
        buffer_clear(error);
        list(&search, state, state->bucket.uri.prefix);
    }
    *is_listed = search.is_found;
    return !search.failed;
}

bool bucket_contradicts_list(struct source *source, const struct source_object *object,
                             struct buffer *error)
{
    struct bucket_state *state = source->state;
    const struct clean_item item = {
        .key = (char *)object->key, .tag = (char *)object->tag, .size = object->size};
    struct buffer list_error = {0};
    bool is_listed;
    bucket_join(state);
    bool contradicts = bucket_still_lists(state, &item, &is_listed, &list_error) && is_listed;
    if (contradicts)
        buffer_add_text(error, S3_OTHER_ETAG);
    buffer_free(&list_error);
    return contradicts;
}
