#include "aws/environment.h"

#include <stdlib.h>
#include <time.h>

#include "memory/allocate.h"

const char *environment_get(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* "2026-11-27T08:00:00Z" or "2026-11-27T08:00:00+00:00", in seconds UTC. */
static int64_t read_expiry(const char *text)
{
    struct tm tm = {0};
    const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%S%z", &tm) : NULL;
    if (!end || *end)
        return CREDENTIALS_NO_EXPIRY;
    long offset = tm.tm_gmtoff;
    return (int64_t)timegm(&tm) - offset;
}

static enum credentials_result fetch(void *state, struct credentials *keys, struct buffer *error)
{
    (void)state;
    const char *key_id = environment_get("AWS_ACCESS_KEY_ID");
    const char *secret = environment_get("AWS_SECRET_ACCESS_KEY");
    const char *token = environment_get("AWS_SESSION_TOKEN");
    if (!key_id && !secret)
        return CREDENTIALS_NONE;
    if (!key_id || !secret) {
        buffer_printf(error, "%s is set but %s is not; set both, or neither",
                      key_id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                      key_id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
        return CREDENTIALS_FAILED;
    }
    keys->key_id = memory_copy_text(key_id);
    keys->secret = memory_copy_text(secret);
    keys->token = token ? memory_copy_text(token) : NULL;
    keys->origin = memory_copy_text("the environment");
    keys->expires = read_expiry(environment_get("AWS_CREDENTIAL_EXPIRATION"));
    return CREDENTIALS_FOUND;
}

const struct credentials_source environment_source = {.fetch = fetch};
