#include "aws/sso_token.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws/key_document.h"
#include "aws/path.h"
#include "aws/service.h"
#include "files/read_file.h"
#include "files/replace_file.h"
#include "memory/allocate.h"
#include "text/document.h"
#include "text/hex.h"
#include "text/message.h"
#include "text/shell_word.h"

enum { CACHE_MAX_SIZE = 256 * 1024, HEX_SIZE = 2 * EVP_MAX_MD_SIZE + 1 };
enum { RENEW_S = 900 };                  /* a token is renewed so many seconds before its end */
enum { SECONDS_MAX = 10 * 366 * 86400 }; /* the longest life of a token that is believed */

/* Returns the path of the file with the token, which the caller frees; NULL: OpenSSL has no SHA-1.
 * The name is the SHA-1 of the session's name, or of the start URL. */
static char *find_path(const struct sso_login *login)
{
    const char *name = login->session ? login->session : login->start_url;
    unsigned char hash[EVP_MAX_MD_SIZE];
    char hex[HEX_SIZE];
    unsigned size;
    struct buffer file = {0};
    if (!EVP_Digest(name, strlen(name), hash, &size, EVP_sha1(), NULL))
        return NULL;
    hex_write(hex, hash, size);
    buffer_printf(&file, "sso/cache/%s.json", hex);
    char *path = aws_path(NULL, file.data);
    buffer_free(&file);
    return path;
}

static struct document *read_cache(const char *path)
{
    size_t size;
    char *text = read_file(path, CACHE_MAX_SIZE, &size);
    if (!text)
        return NULL;
    struct document *document = size <= CACHE_MAX_SIZE ? document_parse(text, size) : NULL;
    explicit_bzero(text, size <= CACHE_MAX_SIZE ? size : CACHE_MAX_SIZE);
    free(text);
    return document;
}

static void set_time(struct document *document, const char *name, int64_t seconds)
{
    char text[sizeof "YYYY-MM-DDTHH:MM:SSZ"];
    time_t time = (time_t)seconds;
    struct tm tm;
    if (gmtime_r(&time, &tm) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
        document_set(document, name, text);
}

/* Requests a new token.  Returns the document of the response; NULL after adding the reason to
 * ERROR. */
static struct document *create_token(const struct aws_session *session,
                                     const struct sso_login *login, const struct document *cache,
                                     struct buffer *error)
{
    struct http_message message = {.method = HTTP_POST};
    struct fetch_small_response response = {.status = 0};
    struct document *request = document_parse("{}", 2), *created = NULL;
    char *payload = NULL;
    if (!service_find(&message.url, NULL, session, SERVICE_SSO_OIDC, login->region, error))
        goto out;
    buffer_add_text(&message.url, "/token");
    document_set(request, "grantType", "refresh_token");
    document_set(request, "clientId", document_text(cache, NULL, "clientId"));
    document_set(request, "clientSecret", document_text(cache, NULL, "clientSecret"));
    document_set(request, "refreshToken", document_text(cache, NULL, "refreshToken"));
    payload = document_print(request);
    message.payload = payload;
    message.payload_size = strlen(payload);
    http_add_header(&message, "Content-Type", "application/json");
    http_add_header(&message, "Expect", "");
    if (!service_send(&message, session, &response, error))
        goto out;
    created = document_parse(response.body.data, response.body.size);
    if (response.status == 200 && created && document_text(created, NULL, "accessToken"))
        goto out;
    const struct secrets sent = {{document_text(cache, NULL, "refreshToken"),
                                  document_text(cache, NULL, "clientSecret"),
                                  document_text(cache, NULL, "accessToken")}};
    buffer_printf(error, "the SSO token service responded with HTTP status %ld", response.status);
    if (created)
        key_document_add_words(error, document_text(created, NULL, "error"), &sent);
    document_free(created);
    created = NULL;
out:
    http_free_message(&message);
    fetch_small_clear(&response);
    document_free_text(payload);
    document_free(request);
    return created;
}

/* Renews the token of CACHE, and writes it to PATH, as the AWS command line tools do.  Returns
 * false after adding the reason to ERROR; then CACHE is as it was. */
static bool renew(const struct aws_session *session, const struct sso_login *login,
                  struct document *cache, const char *path, struct buffer *error)
{
    int64_t seconds = 0, now = time(NULL);
    const char *until = document_text(cache, NULL, "registrationExpiresAt");
    if (!document_text(cache, NULL, "refreshToken") || !document_text(cache, NULL, "clientId") ||
        !document_text(cache, NULL, "clientSecret") ||
        (until && credentials_read_expiry(until) <= now))
        return false;
    struct document *created = create_token(session, login, cache, error);
    if (!created)
        return false;
    if (!document_integer(created, NULL, "expiresIn", &seconds) || seconds <= 0 ||
        seconds > SECONDS_MAX) {
        buffer_add_text(error, "the service of SSO tokens gave one without a usable expiresIn");
        document_free(created);
        return false;
    }
    document_set(cache, "accessToken", document_text(created, NULL, "accessToken"));
    if (document_text(created, NULL, "refreshToken"))
        document_set(cache, "refreshToken", document_text(created, NULL, "refreshToken"));
    set_time(cache, "expiresAt", now + seconds);
    document_free(created);
    char *text = document_print(cache);
    if (replace_file(path, 0600, text, strlen(text)) < 0)
        message_verbose("%s: the renewed SSO token is used, but cannot be stored in this file: %s; "
                        "make this file and its folder writable for this user",
                        path, strerrordesc_np(errno));
    document_free_text(text);
    return true;
}

void sso_token_add_command(struct buffer *out, const struct aws_session *session)
{
    buffer_add_text(out, "run aws sso login --profile ");
    shell_word_add(out, session->profile->name);
}

char *sso_token_get(const struct aws_session *session, const struct sso_login *login,
                    struct buffer *error)
{
    char *path = find_path(login), *token = NULL;
    struct document *cache = path ? read_cache(path) : NULL;
    struct buffer reason = {0};
    const char *text = cache ? document_text(cache, NULL, "accessToken") : NULL;
    const char *missing = "token";
    int64_t now = time(NULL);
    int64_t expires = text ? credentials_read_expiry(document_text(cache, NULL, "expiresAt")) : now;
    if (expires == CREDENTIALS_NO_EXPIRY)
        missing = "expiresAt", text = NULL; /* the token may have expired */
    if (text && login->session && expires - RENEW_S <= now &&
        renew(session, login, cache, path, &reason)) {
        text = document_text(cache, NULL, "accessToken");
        expires = credentials_read_expiry(document_text(cache, NULL, "expiresAt"));
    }
    if (text && expires > now) {
        token = memory_copy_text(text);
    } else if (text) {
        buffer_printf(error, "the SSO login of profile %s has expired", session->profile->name);
        if (reason.size)
            buffer_printf(error, ", and cannot be renewed (%s)", reason.data);
        buffer_add_text(error, "; ");
        sso_token_add_command(error, session);
    } else {
        buffer_printf(error, "profile %s has no SSO login: %s has no %s; ", session->profile->name,
                      path ? path : "~/.aws/sso/cache", missing);
        sso_token_add_command(error, session);
    }
    document_free(cache);
    buffer_free(&reason);
    free(path);
    return token;
}
