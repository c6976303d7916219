#include "s3/refusal.h"

#include <stdio.h>
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

enum http_verdict s3_refusal_judge_page(struct s3_answer *answer, long status, struct buffer *error)
{
    buffer_printf(
        error,
        "%s answered with HTTP status %ld and a web page, as no S3 server does; check the "
        "endpoint, the proxy if there is one, and whether this network wants its users to log in",
        answer->bucket->endpoint.host, status);
    answer->everywhere = true;
    return HTTP_FAIL;
}

/* Whether the answer says that the bucket is in another region; then the bucket is moved there, or the
 * next try asks for the region. */
static bool follow_region(struct s3_answer *answer, const struct s3_error *error)
{
    struct s3_bucket *bucket = answer->bucket;
    bool is_redirect = error->status == 301 || error->status == 307 ||
                       !strcmp(error->code, "AuthorizationHeaderMalformed") ||
                       !strcmp(error->code, "PermanentRedirect") ||
                       !strcmp(error->code, "IllegalLocationConstraintException");
    const char *region = answer->region[0] ? answer->region : error->region;
    if (!is_redirect)
        return false;
    if (answer->moved != bucket->moved)
        return true; /* another request has moved it since this one was signed */
    if (!*region && !bucket->moved && !answer->has_asked)
        return answer->asks_region = answer->has_asked = true;
    return !bucket->moved && *region && strcmp(region, bucket->region) &&
           s3_bucket_move(bucket, region) == 0;
}

/* Whether the store refuses the credentials and there are newer ones.  A HeadObject's answer has no
 * document, so the reason is not known. */
static bool renew_credentials(struct s3_answer *answer, const struct s3_error *error,
                              struct buffer *renewal_error)
{
    bool is_unclear =
        answer->request->method == S3_HEAD && (error->status == 400 || error->status == 403);
    if (!answer->bucket->credentials || answer->renewed ||
        (!s3_error_is_of_credentials(error) && !is_unclear))
        return false;
    answer->renewed =
        credentials_renew(answer->bucket->credentials, answer->generation, renewal_error);
    return answer->renewed;
}

/* Why the store refuses this request, where the error says nothing about all others. */
static enum s3_reason find_reason(const struct s3_request *request, const struct s3_error *error)
{
    bool is_unknown = error->status == 400 || error->status == 405 || error->status == 501;
    if (s3_error_is_everywhere(error))
        return S3_NO_REASON;
    if (request->method == S3_POST)
        return is_unknown ? S3_UNSUPPORTED : S3_NO_REASON;
    if (request->method == S3_DELETE && is_unknown)
        return S3_UNSUPPORTED;
    if (!request->key)
        return S3_NO_REASON;
    if (!strcmp(error->code, "InvalidObjectState"))
        return S3_ARCHIVED;
    if (error->status == 412)
        return S3_CHANGED;
    if (error->status == 404)
        return S3_GONE;
    return error->status == 403 ? S3_FORBIDDEN : S3_NO_REASON;
}

/* The permission that the request needs. */
static const char *find_action(const struct s3_request *request)
{
    if (request->method == S3_PUT)
        return "s3:PutObject";
    if (request->method == S3_POST || request->method == S3_DELETE)
        return "s3:DeleteObject";
    return request->key ? "s3:GetObject" : "s3:ListBucket";
}

/* A redirect to another place than a region of S3. */
static enum http_verdict judge_redirect(struct s3_answer *answer, long status, struct buffer *text)
{
    buffer_printf(
        text,
        "%s answered with HTTP status %ld, a redirect to %s, which is not followed; correct the "
        "setting \"endpoint\", which must be the address of the S3 server itself",
        answer->bucket->endpoint.host, status, answer->location);
    answer->everywhere = true;
    return HTTP_FAIL;
}

enum http_verdict s3_refusal_judge(struct s3_answer *answer, const struct http_answer *http,
                                   struct buffer *text)
{
    const struct s3_request *request = answer->request;
    struct s3_error error = {.status = http->status};
    struct buffer renewal_error = {0};
    if (answer->kept && (http->status == 412 || http->status == 416)) {
        answer->may_continue = false; /* another version by now: the next try begins afresh */
        return HTTP_AGAIN;
    }
    if (answer->error_body.size)
        s3_error_parse(&error, answer->error_body.data, answer->error_body.size);
    if (http->status == 200 && !strcmp(error.code, "AccessDenied"))
        error.status = 403; /* a late error has the status of a success */
    if (!s3_bucket_has_secret_in(answer->bucket, error.code))
        snprintf(answer->code, sizeof answer->code, "%s", error.code);
    if (http->status == PROXY_REFUSES) {
        proxy_explain_refusal(text, answer->bucket->endpoint.origin);
        answer->everywhere = true;
        return HTTP_FAIL;
    }
    if (s3_refusal_is_page(&answer->error_body) && !s3_error_is_temporary(&error))
        return s3_refusal_judge_page(answer, http->status, text);
    if (request->method == S3_HEAD && (http->status == 403 || http->status == 404))
        strcpy(error.code, http->status == 403 ? "AccessDenied" : "NoSuchKey");
    if (follow_region(answer, &error) || renew_credentials(answer, &error, &renewal_error)) {
        buffer_free(&renewal_error);
        return HTTP_AGAIN;
    }
    if (!error.code[0] && answer->region[0] && http->status == 301)
        strcpy(error.code, "PermanentRedirect");
    if (!error.code[0] && answer->location[0] && http->status / 100 == 3)
        return judge_redirect(answer, http->status, text);
    int64_t date = http_header_date(http->date);
    long ahead = date < 0 ? 0 : (long)(time(NULL) - date);
    s3_error_explain(text, &error, answer->bucket, find_action(request), ahead);
    if (renewal_error.size)
        buffer_printf(text, "; newer credentials cannot be fetched: %s", renewal_error.data);
    buffer_free(&renewal_error);
    if (s3_error_is_temporary(&error))
        return HTTP_RETRY;
    answer->everywhere = s3_error_is_everywhere(&error);
    answer->reason = find_reason(request, &error);
    return HTTP_FAIL;
}

enum http_verdict s3_refusal_judge_region(struct s3_answer *answer, long status,
                                          struct buffer *text)
{
    struct s3_bucket *bucket = answer->bucket;
    answer->asks_region = false;
    if (answer->moved != bucket->moved)
        return HTTP_AGAIN;
    if (*answer->region && strcmp(answer->region, bucket->region) &&
        s3_bucket_move(bucket, answer->region) == 0)
        return HTTP_AGAIN;
    if (!*answer->region && *answer->location)
        return judge_redirect(answer, status, text);
    buffer_printf(
        text,
        "bucket %s is not in region %s, and %s does not say where it is (HeadBucket: %ld); "
        "set its region (setting \"region\", or --region)",
        bucket->uri.bucket, bucket->region, bucket->endpoint.host, status);
    answer->everywhere = true;
    return HTTP_FAIL;
}
