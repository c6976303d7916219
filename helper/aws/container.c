#include "aws/container.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "aws/authorities.h"
#include "aws/environment.h"
#include "aws/key_document.h"
#include "files/read_file.h"
#include "http/fetch_small.h"
#include "memory/allocate.h"
#include "text/document.h"
#include "text/url.h"

enum { TIMEOUT_S = 2, TIMEOUT_MAX_S = 60, TRIES = 3, PAUSE_MS = 250, TOKEN_MAX_SIZE = 64 * 1024 };

#define RELATIVE   "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL       "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN      "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define TOKEN_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"

/* Returns whether keys may come over http from HOST: the addresses of ECS and EKS, and loopback. */
static bool is_allowed(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6, eks;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return !strcmp(host, "169.254.170.2") || !strcmp(host, "169.254.170.23") ||
               ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6) ||
               (inet_pton(AF_INET6, "fd00:ec2::23", &eks) == 1 && !memcmp(&v6, &eks, sizeof v6));
    return !strcasecmp(host, "localhost");
}

/* Returns whether keys may come from the URL. */
static bool check_full(const char *url, struct buffer *error)
{
    struct buffer host = {0};
    bool is_https = !strncmp(url, "https://", 8);
    const char *begin = url + (is_https ? 8 : 7);
    if ((!is_https && strncmp(url, "http://", 7) != 0) || strpbrk(url, " \r\n\t")) {
        buffer_add_text(error, FULL " must begin with http:// or https:// and name a host; correct "
                                    "it");
        return false;
    }
    size_t size = strcspn(begin, "/?#");
    bool is_ipv6 = *begin == '[';
    buffer_add(&host, begin + is_ipv6, strcspn(begin + is_ipv6, is_ipv6 ? "]" : ":/?#"));
    bool allowed = host.size && !memchr(begin, '@', size) && (is_https || is_allowed(host.data));
    if (!allowed)
        buffer_printf(error,
                      FULL " names %s; this program gets keys without https only from this "
                           "machine, from ECS (169.254.170.2) or from EKS (169.254.170.23); write "
                           "an https URL or one of these addresses there",
                      host.size ? host.data : "no host");
    buffer_free(&host);
    return allowed;
}

/* Adds the URL of the keys.  Returns CREDENTIALS_FOUND if the environment names one. */
static enum credentials_result find_url(struct buffer *url, struct buffer *error)
{
    const char *relative = environment_get(RELATIVE), *full = environment_get(FULL);
    if (!relative && !full) {
        buffer_add_text(error, RELATIVE " and _FULL_URI are not set");
        return CREDENTIALS_NONE;
    }
    if (relative && (*relative != '/' || strpbrk(relative, " \r\n\t"))) {
        buffer_add_text(error, RELATIVE " must be a path that begins with /; correct it");
        return CREDENTIALS_FAILED;
    }
    if (!relative && !check_full(full, error))
        return CREDENTIALS_FAILED;
    buffer_printf(url, "%s%s", relative ? "http://169.254.170.2" : "", relative ? relative : full);
    return CREDENTIALS_FOUND;
}

/* Returns the token, which the caller frees as a secret.  Returns NULL if the environment names
 * none; also, after adding one line to ERROR, if it cannot be used. */
static char *find_token(struct buffer *error)
{
    const char *path = environment_get(TOKEN_FILE), *given = environment_get(TOKEN);
    size_t size;
    char *token;
    if (!path && !given)
        return NULL;
    token = path ? read_file(path, TOKEN_MAX_SIZE, &size) : memory_copy_text(given);
    if (!token) {
        buffer_printf(error,
                      "%s, which " TOKEN_FILE " names, cannot be read: %s; make it readable "
                      "for this user",
                      path, strerrordesc_np(errno));
        return NULL;
    }
    size = strlen(token);
    while (path && size && strchr("\r\n", token[size - 1]))
        token[--size] = '\0';
    if (strpbrk(token, "\r\n") || !size || size >= TOKEN_MAX_SIZE) {
        buffer_printf(error,
                      path ? "the file %s, which " TOKEN_FILE
                             " names, must have one line, the token; correct this file"
                           : TOKEN " must be one line, the token; correct this variable",
                      path);
        credentials_free_secret(token);
        return NULL;
    }
    return token;
}

static bool read_response(const struct fetch_small_response *response, const char *url,
                          const char *token, struct credentials *keys, struct buffer *error)
{
    struct document *document = document_parse(response->body.data, response->body.size);
    struct buffer reason = {0};
    const char *message = document ? document_text(document, NULL, "message") : NULL;
    bool done =
        response->status == 200 && document && key_document_read(keys, document, "Token", &reason);
    if (document && !message)
        message = document_text(document, NULL, "Message");
    if (!done) {
        buffer_add_text(error, "the container's keys: ");
        url_add_shown(error, url);
        buffer_printf(error, " responded with HTTP status %ld", response->status);
    }
    if (!done && response->status != 200)
        key_document_add_words(error, message, &(struct secrets){{token}});
    else if (!done)
        buffer_printf(error, ", but the document %s", document ? reason.data : "is no JSON object");
    if (!done)
        buffer_add_text(error,
                        "; check the role of this ECS task or EKS pod, and run the command again");
    buffer_free(&reason);
    document_free(document);
    return done;
}

enum credentials_result container_fetch(const struct aws_session *session, struct credentials *keys,
                                        struct buffer *error)
{
    unsigned seconds = TIMEOUT_S;
    struct fetch_small_limits limits = {.is_direct = true,
                                        .tries = TRIES,
                                        .pause_ms = PAUSE_MS,
                                        .authorities = authorities_find(session->settings)};
    struct http_message message = {.method = HTTP_GET};
    struct fetch_small_response response = {.status = 0};
    struct buffer url = {0}, reason = {0};
    char *token = NULL;
    bool done = false;
    enum credentials_result result = find_url(&url, error);
    if (result != CREDENTIALS_FOUND)
        goto out;
    if (session_number(&seconds, session, "AWS_METADATA_SERVICE_TIMEOUT",
                       "metadata_service_timeout", TIMEOUT_MAX_S, &reason))
        token = find_token(&reason);
    if (!reason.size) {
        limits.connect_ms = limits.whole_ms = 1000L * seconds;
        buffer_add_text(&message.url, url.data);
        http_add_header(&message, "Accept", "application/json");
        if (token)
            http_add_header(&message, "Authorization", token);
        if (session_fetch(session, &message, &limits, &response, &reason))
            done = read_response(&response, url.data, token, keys, error);
        else
            buffer_printf(error, "the container's keys: %s", reason.data);
    } else {
        buffer_add(error, reason.data, reason.size);
    }
    if (done)
        keys->origin = memory_copy_text("the role of this container");
    result = done ? CREDENTIALS_FOUND : CREDENTIALS_FAILED;
out:
    authorities_free(&limits.authorities);
    credentials_free_secret(token);
    fetch_small_clear(&response);
    buffer_free(&reason);
    buffer_free(&url);
    return result;
}
