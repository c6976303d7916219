#include "aws/web_identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/environment.h"
#include "aws/sts.h"
#include "files/read_file.h"
#include "memory/allocate.h"

enum { TOKEN_MAX_SIZE = 256 * 1024 };

static const char *get(const struct aws_session *session, const char *variable, const char *setting)
{
    const char *value = session->is_environment ? environment_get(variable) : NULL;
    return value ? value : profile_get(session->profile, setting);
}

/* Returns the token, which the caller frees as a secret; NULL after adding one line to ERROR. */
static char *read_token(const char *path, struct buffer *error)
{
    size_t size;
    char *token = read_file(path, TOKEN_MAX_SIZE, &size);
    if (!token) {
        buffer_printf(
            error,
            "the file with the token of the web identity, %s, cannot be read: %s; correct "
            "web_identity_token_file or AWS_WEB_IDENTITY_TOKEN_FILE",
            path, strerrordesc_np(errno));
        return NULL;
    }
    size = strlen(token);
    while (size && strchr(" \t\r\n", token[size - 1]))
        token[--size] = '\0';
    if (size && size < TOKEN_MAX_SIZE)
        return token;
    buffer_printf(
        error,
        "%s: this file is %s, so it has no web identity token; name the file of the token in "
        "web_identity_token_file or AWS_WEB_IDENTITY_TOKEN_FILE",
        path, size ? "too large" : "empty");
    credentials_free_secret(token);
    return NULL;
}

enum credentials_result web_identity_fetch(const struct aws_session *session,
                                           struct credentials *keys, struct buffer *error)
{
    const char *path = get(session, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    struct sts_role role = {.arn = get(session, "AWS_ROLE_ARN", "role_arn"),
                            .session_name =
                                get(session, "AWS_ROLE_SESSION_NAME", "role_session_name")};
    struct buffer origin = {0};
    if (!path) {
        if (session->is_environment)
            buffer_add_text(error, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
        return CREDENTIALS_NONE;
    }
    if (!role.arn) {
        buffer_printf(
            error,
            "there is a token of a web identity, %s, but no role for it; set AWS_ROLE_ARN, "
            "or role_arn in profile %s",
            path, session->profile->name);
        return CREDENTIALS_FAILED;
    }
    if (role.session_name && strlen(role.session_name) < STS_TEXT_MIN) {
        buffer_printf(error,
                      "the session name of role %s must have at least %d characters; correct "
                      "AWS_ROLE_SESSION_NAME, or role_session_name in profile %s",
                      role.arn, STS_TEXT_MIN, session->profile->name);
        return CREDENTIALS_FAILED;
    }
    char *token = read_token(path, error);
    role.identity_token = token;
    bool done = token && sts_assume(session, &role, NULL, keys, error);
    credentials_free_secret(token);
    if (!done)
        return CREDENTIALS_FAILED;
    buffer_printf(&origin, "role %s for the web identity of %s", role.arn, path);
    keys->origin = origin.data;
    return CREDENTIALS_FOUND;
}
