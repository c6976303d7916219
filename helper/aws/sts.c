#include "aws/sts.h"

#include <stdlib.h>
#include <string.h>

#include "aws/key_document.h"
#include "aws/service.h"
#include "aws/sigv4.h"
#include "memory/allocate.h"
#include "text/xml.h"

#define CONTENT_TYPE "application/x-www-form-urlencoded; charset=utf-8"

enum { HEADERS_MAX = 4 };

/* The contents of a response. */
struct response {
    struct credentials *keys;
    char *code, *message; /* of an error */
};

static void add_parameter(struct buffer *form, const char *name, const char *value)
{
    if (!value)
        return;
    buffer_printf(form, "&%s=", name);
    fetch_small_encode(form, value);
}

static void make_form(struct buffer *form, const struct sts_role *role)
{
    buffer_printf(form, "Action=%s&Version=2011-06-15",
                  role->identity_token ? "AssumeRoleWithWebIdentity" : "AssumeRole");
    add_parameter(form, "RoleArn", role->arn);
    add_parameter(form, "RoleSessionName",
                  role->session_name ? role->session_name : "awstats-cloudfront");
    add_parameter(form, "ExternalId", role->external_id);
    add_parameter(form, "DurationSeconds", role->duration);
    add_parameter(form, "WebIdentityToken", role->identity_token);
}

/* Adds the signed headers to MESSAGE, whose URL is "https://HOST/".  Returns false after adding one
 * line to ERROR. */
static bool sign(struct http_message *message, const struct credentials *source, const char *region,
                 struct buffer *error)
{
    char stamp[SIGV4_TIME_SIZE], hash[SIGV4_HASH_SIZE];
    struct sigv4_key key = {0};
    struct sigv4_header headers[HEADERS_MAX];
    struct buffer authorization = {.is_secret = true}, host = {0};
    sigv4_put_time(stamp);
    const char *begin = strstr(message->url.data, "://") + 3;
    const char *path = strchr(begin, '/');
    buffer_add(&host, begin, (size_t)(path - begin));
    headers[0] = (struct sigv4_header){"content-type", CONTENT_TYPE};
    headers[1] = (struct sigv4_header){"host", host.data};
    headers[2] = (struct sigv4_header){"x-amz-date", stamp};
    headers[3] = (struct sigv4_header){"x-amz-security-token", source->token};
    const struct sigv4_request request = {.method = "POST",
                                          .path = path,
                                          .query = "",
                                          .headers = headers,
                                          .header_count = source->token ? 4 : 3,
                                          .time = stamp,
                                          .payload_hash = hash};
    bool is_signed = sigv4_hash(hash, message->payload, message->payload_size) &&
                     sigv4_key_derive(&key, source->secret, stamp, region, "sts") &&
                     sigv4_sign(&authorization, &request, source->key_id, &key);
    for (size_t i = 1; is_signed && i < request.header_count; i++)
        http_add_header(message, headers[i].name, headers[i].value);
    if (is_signed)
        http_add_header(message, "Authorization", authorization.data);
    else
        buffer_add_text(error, "the request for a role cannot be signed: OpenSSL has no SHA-256; "
                               "enable its default provider in openssl.cnf");
    sigv4_key_clear(&key);
    buffer_free(&authorization);
    buffer_free(&host);
    return is_signed;
}

/* Stores a copy of TEXT as the value of an element, unless an earlier element gave one. */
static void take(char **value, const char *text)
{
    if (!*value && *text)
        *value = memory_copy_text(text);
}

static void end_element(void *user, const char *path, const char *text)
{
    struct response *response = user;
    const char *name = strrchr(path, '/');
    bool is_key = strstr(path, "Result/Credentials/"), is_error = strstr(path, "/Error/");
    if (!text || !name)
        return;
    name++;
    if (is_key && !strcmp(name, "AccessKeyId"))
        take(&response->keys->key_id, text);
    else if (is_key && !strcmp(name, "SecretAccessKey"))
        take(&response->keys->secret, text);
    else if (is_key && !strcmp(name, "SessionToken"))
        take(&response->keys->token, text);
    else if (is_key && !strcmp(name, "Expiration"))
        response->keys->expires = credentials_read_expiry(text);
    else if (is_error && !strcmp(name, "Code"))
        take(&response->code, text);
    else if (is_error && !strcmp(name, "Message"))
        take(&response->message, text);
}

/* Adds what to do about an error that STS reports.  The request was for ROLE, in REGION. */
static void advise(struct buffer *error, const struct response *response, long status,
                   const struct sts_role *role, const struct aws_session *session,
                   const char *region)
{
    if (response->code && !strcmp(response->code, "RegionDisabledException")) {
        buffer_printf(
            error, "; activate STS for %s in the account settings of IAM, or set another region%s",
            region, service_is_legacy_region(region) ? ", or sts_regional_endpoints = legacy" : "");
    } else if (role->duration && response->message &&
               strstr(response->message, "DurationSeconds")) {
        buffer_add_text(error, "; lower duration_seconds (");
        profile_add_place(error, session->profile, NULL, "duration_seconds");
        buffer_add_text(error, ")");
    } else if (status == 403) {
        buffer_add_text(error, "; allow it in the trust policy of the role, and sts:AssumeRole "
                               "in the policy of its source");
    } else if (status < 400) {
        buffer_printf(error, "%s; check the endpoint of STS", status == 200 ? " without keys" : "");
    } else if (status >= 500) {
        buffer_add_text(error, "; run the command again later");
    } else {
        buffer_add_text(error, "; check the ARN of this role, and the credentials or the token "
                               "that ask for the role");
    }
}

static bool read_response(const struct fetch_small_response *fetched, const struct sts_role *role,
                          const struct aws_session *session, const char *region,
                          const struct secrets *sent, struct credentials *keys,
                          struct buffer *error)
{
    static const struct xml_handler handler = {.end = end_element};
    struct response response = {.keys = keys};
    struct xml *xml = xml_new(&handler, &response);
    bool is_xml = xml_add(xml, fetched->body.data, fetched->body.size, true);
    bool done = fetched->status == 200 && is_xml && keys->key_id && keys->secret && keys->token;
    xml_free(xml);
    if (!done) {
        buffer_printf(error,
                      "STS does not give the keys of role %s: it responded with HTTP status %ld",
                      role->arn, fetched->status);
        key_document_add_words(error, response.code, sent);
        key_document_add_words(error, response.message, sent);
        advise(error, &response, fetched->status, role, session, region);
    }
    free(response.code);
    free(response.message);
    return done;
}

bool sts_assume(const struct aws_session *session, const struct sts_role *role,
                const struct credentials *source, struct credentials *keys, struct buffer *error)
{
    struct http_message message = {.method = HTTP_POST};
    struct fetch_small_response response = {.status = 0};
    const struct secrets sent = {
        {role->identity_token, source ? source->token : NULL, source ? source->secret : NULL}};
    struct buffer form = {.is_secret = true}, reason = {0}; /* the form may have a token */
    char region[REGION_SIZE];
    bool done = false;
    if (!service_find(&message.url, region, session, SERVICE_STS, session_region(session), error))
        goto out;
    buffer_add_text(&message.url, "/");
    make_form(&form, role);
    message.payload = form.data;
    message.payload_size = form.size;
    http_add_header(&message, "Content-Type", CONTENT_TYPE);
    http_add_header(&message, "Expect", "");
    if (source && !sign(&message, source, region, error))
        goto out;
    if (service_send(&message, session, &response, &reason))
        done = read_response(&response, role, session, region, &sent, keys, error);
    else
        buffer_printf(error, "STS does not give the keys of role %s: %s", role->arn, reason.data);
out:
    http_free_message(&message);
    fetch_small_clear(&response);
    buffer_free(&form);
    buffer_free(&reason);
    return done;
}
