/* Lists the objects of a bucket. */
#include <stdlib.h>
#include <string.h>

#include "s3/list_objects.h"
#include "source/bucket.h"
#include "source/key_guess.h"
#include "source/names_size.h"
#include "text/message.h"
#include "text/progress.h"

enum { IDLE_MS = 1000 };

static bool add_object(void *user, struct s3_object object)
{
    struct bucket_state *state = user;
    struct source_object found = {object.key, object.etag, object.size, object.modified};
    state->listed_size += strlen(object.key);
    bool goes_on =
        state->listed_size <= list_size_max && state->listing->found(state->listing->user, &found);
    free(object.key);
    state->listed++;
    progress_add_objects(1);
    return goes_on;
}

static void skip(void *user, const char *key, struct buffer *up_to)
{
    const struct bucket_state *state = user;
    state->listing->skip(state->listing->user, key, up_to);
}

static void end_list(void *user, const struct s3_outcome *outcome)
{
    struct bucket_state *state = user;
    state->list_failed = outcome->result != S3_DONE;
    if (outcome->result == S3_FAILED)
        buffer_printf(state->list_error, "s3://%s/%s: %s", state->bucket.uri.bucket,
                      state->bucket.uri.prefix, outcome->error);
}

int bucket_list(struct source *source, const struct source_listing *listing, struct buffer *error)
{
    struct bucket_state *state = source->state;
    struct s3_list objects = {.user = state,
                              .found = add_object,
                              .skip = listing->skip ? skip : NULL,
                              .guess = key_guess,
                              .done = end_list};
    state->listed_size = 0;
    state->listing = listing;
    state->list_error = error;
    s3_list_start(&objects, &state->bucket, state->pool, state->bucket.uri.prefix);
    while (http_pool_is_busy(state->pool))
        http_pool_step(state->pool, IDLE_MS);
    s3_list_free(&objects);
    if (state->listed_size > list_size_max)
        buffer_printf(
            error,
            "s3://%s/%s: more than %llu objects, whose keys are longer than %d MiB; check "
            "that the endpoint is an S3 server, or name fewer objects by a longer prefix",
            state->bucket.uri.bucket, state->bucket.uri.prefix,
            (unsigned long long)state->listed - 1, SOURCE_LIST_MIB);
    if (!state->list_failed && !state->listed && !listing->may_be_empty)
        message_warning("s3://%s/%s: no objects there; check the bucket and the prefix",
                        state->bucket.uri.bucket, state->bucket.uri.prefix);
    return state->list_failed ? -1 : 0;
}
