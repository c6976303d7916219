#include "source/move_target.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "files/folders.h"
#include "ledger/lock.h"
#include "text/buffer.h"
#include "text/message.h"

/* The region of the site is the source's.  An S3-compatible store has one region for all its
 * buckets.  On AWS the target may be in another region than the source: the AWS settings name it,
 * or S3 does in its response to the first request, which is then sent again. */
bool bucket_open_target(struct bucket_state *state, const struct site *site)
{
    if (state->target.uri.bucket)
        return true;
    struct buffer error = {0};
    struct s3_access access = site_access(site);
    access.region = s3_bucket_has_url(&state->bucket) ? state->bucket.region : NULL;
    bool is_open = s3_bucket_open(&state->target, site->after_to, &access, &error) == 0;
    if (!is_open)
        message_error("%s", error.data);
    buffer_free(&error);
    return is_open;
}

bool bucket_target_knows_only_new(const struct bucket_state *state)
{
    return !s3_bucket_has_url(&state->target);
}

/* Returns the file for the lock of a target, beside the ledger of the site.  The caller frees the text. */
static char *lock_path(const struct bucket_state *state, const struct site *site)
{
    char *ledger = site_state_path(site), *folder = folders_above(ledger);
    struct buffer path = {0};
    buffer_printf(&path, "%s/move-to-", folder);
    size_t start = path.size;
    buffer_add_text(&path, state->target.uri.bucket);
    for (char *s = path.data + start; *s; s++) /* an ARN has slashes */
        if (*s == '/')
            *s = ':';
    buffer_add_text(&path, ".lock");
    free(ledger);
    free(folder);
    return path.data;
}

bool bucket_lock_target(const struct bucket_state *state, const struct site *site, int *lock)
{
    *lock = -1;
    if (bucket_target_knows_only_new(state))
        return true;
    struct buffer error = {0};
    char *path = lock_path(state, site);
    bool is_held = lock_take_file(lock, path, site->after_to, UINT_MAX, &error) == LOCK_HELD;
    if (!is_held)
        message_error("%s", error.data);
    buffer_free(&error);
    free(path);
    return is_held;
}

bool bucket_target_is_in_source(const struct bucket_state *state, const char *key)
{
    const struct s3_uri *source = &state->bucket.uri;
    return !strcmp(source->bucket, state->target.uri.bucket) &&
           !strncmp(key, source->prefix, strlen(source->prefix));
}
