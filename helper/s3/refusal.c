#include "s3/refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/header.h"
#include "http/proxy.h"
#include "s3/error.h"

bool s3_refusal_is_page(const struct buffer *document)
{
    return document->size &&
           (strcasestr(document->data, "<html") || strcasestr(document->data, "<!doctype html"));
}

enum http_verdict s3_refusal_judge_page(struct s3_response *response, long status,
                                        struct buffer *error)
{
    buffer_printf(
        error,
        "%s responded with HTTP status %ld and a web page, as no S3 server does; check the "
        "endpoint, the proxy if there is one, and whether this network wants its users to log in",
        response->bucket->endpoint.host, status);
    response->everywhere = true;
    return HTTP_FAIL;
}

/* Returns whether another try, with another region, may succeed: the response is a redirect, or
 * may be one: S3 rejects a HeadObject for another region with 400, and there is no document.  Moves
 * the bucket to the region that the response names.  If it names none, the next try asks for the
 * region. */
static bool follow_region(struct s3_response *response, const struct s3_error *error)
{
    struct s3_bucket *bucket = response->bucket;
    bool is_redirect = error->status == 301 || error->status == 307 ||
                       !strcmp(error->code, "AuthorizationHeaderMalformed") ||
                       !strcmp(error->code, "PermanentRedirect") ||
                       !strcmp(error->code, "IllegalLocationConstraintException");
    response->is_unclear = response->request->method == S3_HEAD && error->status == 400;
    const char *region = response->region[0] ? response->region : error->region;
    if (!is_redirect && !response->is_unclear)
        return false;
    if (response->moved != bucket->moved)
        return true; /* another request has moved it since this one was signed */
    if (!*region && !bucket->moved && !response->has_asked)
        return response->asks_region = response->has_asked = true;
    return !bucket->moved && *region && strcmp(region, bucket->region) &&
           s3_bucket_move(bucket, region) == 0;
}

/* Returns whether the store refuses the credentials and there are newer ones.  The response to a
 * HeadObject has no document, so its status 400 or 403 may mean that, too. */
static bool renew_credentials(struct s3_response *response, const struct s3_error *error,
                              struct buffer *renewal_error)
{
    const struct s3_request *request = response->request;
    bool is_unclear = request->method == S3_HEAD &&
                      (error->status == 400 || (error->status == 403 && !request->may_be_denied));
    if (!response->bucket->credentials || response->renewed ||
        (!s3_error_is_of_credentials(error) && !is_unclear))
        return false;
    response->renewed =
        credentials_renew(response->bucket->credentials, response->generation, renewal_error);
    return response->renewed;
}

/* Returns why the store refuses this request; S3_NO_REASON if the error concerns all requests. */
static enum s3_reason find_reason(const struct s3_request *request, const struct s3_error *error)
{
    bool is_unknown = error->status == 400 || error->status == 405 || error->status == 501;
    if (s3_error_is_everywhere(error))
        return S3_NO_REASON;
    if (request->method == S3_POST)
        return is_unknown ? S3_UNSUPPORTED : S3_NO_REASON;
    if ((request->method == S3_DELETE || request->is_only_new) && is_unknown)
        return S3_UNSUPPORTED;
    if (!request->key)
        return is_unknown ? S3_UNSUPPORTED : S3_NO_REASON;
    if (!strcmp(error->code, "InvalidObjectState"))
        return S3_ARCHIVED;
    if (error->status == 412)
        return S3_CHANGED;
    if (error->status == 404)
        return S3_GONE;
    bool is_named = request->method == S3_GET && error->status / 100 == 4 && *error->code;
    return error->status == 403 || is_named ? S3_FORBIDDEN : S3_NO_REASON;
}

/* Returns the permission that the request needs. */
static const char *find_action(const struct s3_request *request)
{
    if (request->method == S3_PUT)
        return "s3:PutObject";
    if (request->method == S3_POST || request->method == S3_DELETE)
        return "s3:DeleteObject";
    return request->key ? "s3:GetObject" : "s3:ListBucket";
}

/* Fails, after adding one line to TEXT: the redirect names no region of S3, except perhaps in the host's name. */
static enum http_verdict judge_redirect(struct s3_response *response, long status,
                                        struct buffer *text)
{
    char *region = s3_endpoint_find_region(response->location);
    buffer_printf(text,
                  "%s responded with HTTP status %ld, a redirect to %s, which is not followed; ",
                  response->bucket->endpoint.host, status, response->location);
    if (s3_bucket_has_url(response->bucket))
        buffer_add_text(text, "correct the setting \"endpoint\", which must be the address of the "
                              "S3 server itself");
    else if (region && strcmp(region, response->bucket->region) != 0)
        buffer_printf(text, "set region = %s (setting \"region\", or --region)", region);
    else
        buffer_add_text(text, "check the network, and the proxy if there is one");
    free(region);
    response->everywhere = true;
    return HTTP_FAIL;
}

/* Fails, after adding one line to TEXT: the response is about an object, the request was about the bucket. */
static enum http_verdict judge_missing_key(struct s3_response *response, long status,
                                           struct buffer *text)
{
    buffer_printf(
        text,
        "%s responded with HTTP status %ld NoSuchKey to a request that names no object, as "
        "no S3 server does; check the endpoint, which must be the address of the S3 server "
        "itself",
        response->bucket->endpoint.host, status);
    response->everywhere = true;
    return HTTP_FAIL;
}

enum http_verdict s3_refusal_judge(struct s3_response *response, const struct http_response *http,
                                   struct buffer *text)
{
    const struct s3_request *request = response->request;
    struct s3_error error = {.status = http->status, .is_of_head = request->method == S3_HEAD};
    struct buffer renewal_error = {0};
    if (response->kept && (http->status == 412 || http->status == 416)) {
        response->may_continue = false; /* another version by now: the next try begins afresh */
        return HTTP_AGAIN;
    }
    if (response->error_body.size)
        s3_error_parse(&error, response->error_body.data, response->error_body.size);
    if (http->status == 200 && !strcmp(error.code, "AccessDenied"))
        error.status = 403; /* the status of a late error is 200 */
    if (!s3_bucket_has_secret_in(response->bucket, error.code))
        snprintf(response->code, sizeof response->code, "%s", error.code);
    if (http->status == PROXY_REFUSES) {
        proxy_explain_refusal(text, response->bucket->endpoint.origin);
        response->everywhere = true;
        return HTTP_FAIL;
    }
    if (s3_refusal_is_page(&response->error_body) && !s3_error_is_temporary(&error))
        return s3_refusal_judge_page(response, http->status, text);
    if (request->method == S3_HEAD && (http->status == 403 || http->status == 404))
        strcpy(error.code, http->status == 403 ? "AccessDenied" : "NoSuchKey");
    if (follow_region(response, &error) || renew_credentials(response, &error, &renewal_error)) {
        buffer_free(&renewal_error);
        return HTTP_AGAIN;
    }
    if (!error.code[0] && response->region[0] && http->status == 301)
        strcpy(error.code, "PermanentRedirect");
    if (!error.code[0] && response->location[0] && http->status / 100 == 3)
        return judge_redirect(response, http->status, text);
    if (!request->key && request->method != S3_HEAD && !strcmp(error.code, "NoSuchKey"))
        return judge_missing_key(response, http->status, text);
    int64_t date = http_header_date(http->date);
    long ahead = date < 0 ? 0 : (long)(time(NULL) - date);
    s3_error_explain(text, &error, response->bucket, find_action(request), ahead);
    if (renewal_error.size)
        buffer_printf(text, "; newer credentials cannot be fetched: %s", renewal_error.data);
    buffer_free(&renewal_error);
    if (s3_error_is_temporary(&error))
        return HTTP_RETRY;
    response->everywhere = s3_error_is_everywhere(&error);
    response->reason = find_reason(request, &error);
    return HTTP_FAIL;
}

enum http_verdict s3_refusal_judge_region(struct s3_response *response, long status,
                                          struct buffer *text)
{
    struct s3_bucket *bucket = response->bucket;
    response->asks_region = false;
    if (response->moved != bucket->moved)
        return HTTP_AGAIN;
    if (*response->region && strcmp(response->region, bucket->region) &&
        s3_bucket_move(bucket, response->region) == 0)
        return HTTP_AGAIN;
    if (response->is_unclear)
        return HTTP_AGAIN; /* the region is right: another error has the status 400, too */
    if (!*response->region && *response->location)
        return judge_redirect(response, status, text);
    buffer_printf(
        text,
        "bucket %s is not in region %s, and %s does not say where it is (HeadBucket: %ld); "
        "set its region (setting \"region\", or --region)",
        bucket->uri.bucket, bucket->region, bucket->endpoint.host, status);
    response->everywhere = true;
    return HTTP_FAIL;
}
