#include "source/move_target.h"

#include <string.h>

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

bool bucket_target_is_in_source(const struct bucket_state *state, const char *key)
{
    const struct s3_uri *source = &state->bucket.uri;
    return !strcmp(source->bucket, state->target.uri.bucket) &&
           !strncmp(key, source->prefix, strlen(source->prefix));
}
