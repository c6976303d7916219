#include "aws/sso.h"

#include <stdlib.h>
#include <string.h>

#include "aws/key_document.h"
#include "aws/service.h"
#include "aws/sso_token.h"
#include "memory/allocate.h"
#include "text/document.h"
#include "text/shell_word.h"

/* The role that a profile names, and where to log in. */
struct sso {
    const char *account, *role;
    struct sso_login login;
};

/* Takes a setting that the sso-session and the profile may both have; both must be the same.
 * Returns false after adding one line to ERROR. */
static bool take(const char **value, const struct profile *profile, const char *session,
                 const char *setting, struct buffer *error)
{
    const char *of_profile = profile_get(profile, setting);
    const char *of_session = session ? profile_file_session(profile->file, session, setting) : NULL;
    *value = of_session ? of_session : of_profile;
    if (of_session && of_profile && strcmp(of_session, of_profile) != 0) {
        buffer_printf(error,
                      "profile %s and its sso-session %s have different values of %s; remove %s "
                      "from the profile",
                      profile->name, session, setting, setting);
        return false;
    }
    if (*value)
        return true;
    buffer_printf(error, "profile %s has no %s; run aws configure sso --profile ", profile->name,
                  setting);
    shell_word_add(error, profile->name);
    return false;
}

/* Reads the role and the login of the profile.  Returns false after adding one line to ERROR. */
static bool read_settings(struct sso *sso, const struct profile *profile, struct buffer *error)
{
    const char *session = profile_get(profile, "sso_session");
    sso->login.session = session;
    if (session && !profile_file_has_session(profile->file, session)) {
        buffer_printf(error,
                      "profile %s names sso_session %s, but %s has no section [sso-session %s]; "
                      "correct one of the two",
                      profile->name, session, profile_file_path(profile->file, PROFILE_CONFIG),
                      session);
        return false;
    }
    return take(&sso->role, profile, session, "sso_role_name", error) &&
           take(&sso->account, profile, session, "sso_account_id", error) &&
           take(&sso->login.start_url, profile, session, "sso_start_url", error) &&
           take(&sso->login.region, profile, session, "sso_region", error);
}

/* Reads the keys from the response.  SENT is the token that was sent.  Returns false after adding
 * one line to ERROR. */
static bool read_response(const struct aws_session *session, const struct sso *sso,
                          const struct fetch_small_response *response, const char *sent,
                          struct credentials *keys, struct buffer *error)
{
    static const char below[] = "roleCredentials";
    struct document *document = document_parse(response->body.data, response->body.size);
    const char *key_id = document ? document_text(document, below, "accessKeyId") : NULL;
    const char *secret = document ? document_text(document, below, "secretAccessKey") : NULL;
    const char *token = document ? document_text(document, below, "sessionToken") : NULL;
    const char *message = document ? document_text(document, NULL, "message") : NULL;
    int64_t milliseconds;
    bool done = response->status == 200 && key_id && secret && token;
    if (done) {
        keys->key_id = memory_copy_text(key_id);
        keys->secret = memory_copy_text(secret);
        keys->token = memory_copy_text(token);
        if (document_integer(document, below, "expiration", &milliseconds))
            keys->expires = milliseconds / 1000;
    } else {
        buffer_printf(error,
                      "SSO does not give the keys of role %s in account %s: it responded with HTTP "
                      "status %ld",
                      sso->role, sso->account, response->status);
        key_document_add_words(error, message, &(struct secrets){{sent}});
        buffer_add_text(error, response->status == 200 ? " without keys; " : "; ");
        if (response->status == 401)
            sso_token_add_command(error, session);
        else if (response->status >= 500)
            buffer_add_text(error, "run the command again later");
        else if (response->status < 400)
            buffer_add_text(error, "check the endpoint of SSO");
        else
            buffer_printf(error, "check sso_account_id and sso_role_name of profile %s",
                          session->profile->name);
    }
    document_free(document);
    return done;
}

static bool get_keys(const struct aws_session *session, const struct sso *sso, const char *token,
                     struct credentials *keys, struct buffer *error)
{
    struct http_message message = {.method = HTTP_GET};
    struct fetch_small_response response = {.status = 0};
    struct buffer reason = {0};
    bool done = false;
    if (strpbrk(token, "\r\n")) {
        buffer_add_text(error, "the token of the SSO login has a line break; ");
        sso_token_add_command(error, session);
    } else if (service_find(&message.url, NULL, session, SERVICE_SSO, sso->login.region, error)) {
        buffer_add_text(&message.url, "/federation/credentials?role_name=");
        fetch_small_encode(&message.url, sso->role);
        buffer_add_text(&message.url, "&account_id=");
        fetch_small_encode(&message.url, sso->account);
        http_add_header(&message, "x-amz-sso_bearer_token", token);
        if (service_send(&message, session, &response, &reason))
            done = read_response(session, sso, &response, token, keys, error);
        else
            buffer_printf(error, "SSO does not give the keys of role %s in account %s: %s",
                          sso->role, sso->account, reason.data);
    }
    http_free_message(&message);
    fetch_small_clear(&response);
    buffer_free(&reason);
    return done;
}

enum credentials_result sso_fetch(const struct aws_session *session, struct credentials *keys,
                                  struct buffer *error)
{
    const struct profile *profile = session->profile;
    struct sso sso = {0};
    struct buffer origin = {0};
    if (!profile_get(profile, "sso_role_name") && !profile_get(profile, "sso_account_id"))
        return CREDENTIALS_NONE;
    char *token =
        read_settings(&sso, profile, error) ? sso_token_get(session, &sso.login, error) : NULL;
    bool done = token && get_keys(session, &sso, token, keys, error);
    credentials_free_secret(token);
    if (!done)
        return CREDENTIALS_FAILED;
    buffer_printf(&origin, "SSO role %s of profile %s", sso.role, profile->name);
    keys->origin = origin.data;
    return CREDENTIALS_FOUND;
}
