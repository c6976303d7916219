#include "aws/environment.h"

#include <stdlib.h>

#include "memory/allocate.h"

const char *environment_get(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

enum credentials_result environment_fetch(const struct aws_session *session,
                                          struct credentials *keys, struct buffer *error)
{
    const char *key_id = environment_get("AWS_ACCESS_KEY_ID");
    const char *secret = environment_get("AWS_SECRET_ACCESS_KEY");
    const char *token = environment_get("AWS_SECURITY_TOKEN");
    const char *end = environment_get("AWS_CREDENTIAL_EXPIRATION");
    (void)session;
    if (!key_id) {
        buffer_add_text(error, "AWS_ACCESS_KEY_ID is not set");
        return CREDENTIALS_NONE;
    }
    if (!secret) {
        buffer_add_text(error, "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not; set "
                               "both, or neither");
        return CREDENTIALS_FAILED;
    }
    keys->expires = credentials_read_expiry(end);
    if (end && keys->expires == CREDENTIALS_NO_EXPIRY) {
        buffer_add_text(error, "AWS_CREDENTIAL_EXPIRATION must be a time such as "
                               "2026-11-27T08:00:00Z; correct or unset this variable");
        return CREDENTIALS_FAILED;
    }
    if (!token)
        token = environment_get("AWS_SESSION_TOKEN");
    keys->key_id = memory_copy_text(key_id);
    keys->secret = memory_copy_text(secret);
    keys->token = memory_copy_optional(token);
    keys->origin = memory_copy_text("the environment");
    return CREDENTIALS_FOUND;
}
