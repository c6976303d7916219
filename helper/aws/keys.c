#include "aws/keys.h"

#include "aws/profile_parse.h"
#include "memory/allocate.h"

static enum credentials_result fetch(const struct aws_session *session, enum profile_part part,
                                     struct credentials *keys, struct buffer *error)
{
    const struct profile *profile = session->profile;
    const char *path = profile_file_path(profile->file, part);
    const char *key_id = profile_get_from(profile, part, "aws_access_key_id");
    const char *secret = profile_get_from(profile, part, "aws_secret_access_key");
    const char *token = profile_get_from(profile, part, "aws_security_token");
    const struct setting *written =
        profile_section_find(profile->parts[part], NULL, "aws_access_key_id");
    struct buffer origin = {0};
    if (written && !key_id) { /* the next provider would sign as somebody else */
        buffer_printf(error, "%s:%u: aws_access_key_id has no value; write one, or remove the line",
                      path, written->line);
        return CREDENTIALS_FAILED;
    }
    if (!key_id)
        return CREDENTIALS_NONE;
    if (!secret) {
        buffer_printf(error, "profile %s has no aws_secret_access_key; add it to [%s%s] in %s",
                      profile->name, part == PROFILE_CONFIG ? "profile " : "", profile->name, path);
        return CREDENTIALS_FAILED;
    }
    if (!token)
        token = profile_get_from(profile, part, "aws_session_token");
    buffer_printf(&origin, "profile %s of %s", profile->name, path);
    keys->origin = origin.data;
    keys->path = memory_copy_text(path);
    keys->key_id = memory_copy_text(key_id);
    keys->secret = memory_copy_text(secret);
    keys->token = memory_copy_optional(token);
    return CREDENTIALS_FOUND;
}

enum credentials_result keys_fetch_credentials(const struct aws_session *session,
                                               struct credentials *keys, struct buffer *error)
{
    return fetch(session, PROFILE_CREDENTIALS, keys, error);
}

enum credentials_result keys_fetch_config(const struct aws_session *session,
                                          struct credentials *keys, struct buffer *error)
{
    return fetch(session, PROFILE_CONFIG, keys, error);
}
