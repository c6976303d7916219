#include "s3/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "memory/allocate.h"
#include "s3/etag.h"
#include "s3/response.h"
#include "text/by_number.h"
#include "text/message.h"

enum { HEADERS_MAX = 10 };

static const char *const method_names[] = {[S3_GET] = "GET",
                                           [S3_HEAD] = "HEAD",
                                           [S3_PUT] = "PUT",
                                           [S3_POST] = "POST",
                                           [S3_DELETE] = "DELETE"};

/* A request under way. */
struct job {
    struct http_request http;
    struct buffer name;
    struct s3_response response;
};

/* The headers of a try that are signed, in the order of their names. */
struct headers {
    struct sigv4_header list[HEADERS_MAX];
    size_t count;
    char hash[SIGV4_HASH_SIZE];     /* of the payload */
    char md5[2 * S3_ETAG_MD5_SIZE]; /* of the payload, in base64 */
    struct buffer if_match;         /* in quotes */
};

static void add(struct headers *headers, const char *name, const char *value)
{
    headers->list[headers->count++] = (struct sigv4_header){name, value};
}

/* Writes the hashes of the payload: SHA-256 for the signature, MD5 because DeleteObjects demands
 * it. */
static bool hash_payload(struct headers *headers, const struct s3_request *request,
                         const EVP_MD *type)
{
    unsigned char md5[EVP_MAX_MD_SIZE];
    strcpy(headers->hash, SIGV4_EMPTY_SHA256);
    if (!request->payload)
        return true;
    if (!sigv4_hash(headers->hash, request->payload, request->payload_size))
        return false;
    if (!type)
        return true;
    if (!EVP_Digest(request->payload, request->payload_size, md5, NULL, type, NULL))
        return false;
    EVP_EncodeBlock((unsigned char *)headers->md5, md5, S3_ETAG_MD5_SIZE);
    return true;
}

static void collect_headers(struct headers *headers, const struct s3_request *request,
                            const struct s3_bucket *bucket, const char *stamp)
{
    const char *token = bucket->signer.keys.token;
    bool has_condition = request->if_match && !s3_etag_is_weak(request->if_match);
    if (has_condition)
        buffer_printf(&headers->if_match, "\"%s\"", request->if_match);
    if (headers->md5[0])
        add(headers, "content-md5", headers->md5);
    add(headers, "host", bucket->endpoint.host);
    if (has_condition && !request->copy_source)
        add(headers, "if-match", headers->if_match.data);
    if (request->is_only_new)
        add(headers, "if-none-match", "*");
    if (request->range)
        add(headers, "range", request->range);
    add(headers, "x-amz-content-sha256", headers->hash);
    if (request->copy_source)
        add(headers, "x-amz-copy-source", request->copy_source);
    if (has_condition && request->copy_source)
        add(headers, "x-amz-copy-source-if-match", headers->if_match.data);
    add(headers, "x-amz-date", stamp);
    if (bucket->requester_pays)
        add(headers, "x-amz-request-payer", "requester");
    if (token)
        add(headers, "x-amz-security-token", token);
}

static void add_url(struct buffer *url, const struct s3_request *request,
                    const struct s3_endpoint *endpoint)
{
    buffer_add_text(url, endpoint->origin);
    buffer_add_text(url, endpoint->path);
    if (request->key || !*endpoint->path)
        buffer_add(url, "/", 1);
    if (request->key)
        s3_uri_encode(url, request->key, true);
}

/* Adds URL and signed headers to MESSAGE.  Returns false after adding one line to ERROR. */
static bool sign(struct http_message *message, const struct s3_request *request,
                 struct s3_bucket *bucket, struct buffer *error)
{
    const char *query = request->query ? request->query : "";
    struct headers headers = {.count = 0};
    struct buffer authorization = {.is_secret = true};
    char stamp[SIGV4_TIME_SIZE];
    sigv4_put_time(stamp);
    if (bucket->credentials && !signer_prepare(&bucket->signer, stamp, bucket->region, "s3", error))
        return false;

    bool is_signed = hash_payload(&headers, request, bucket->md5);
    collect_headers(&headers, request, bucket, stamp);
    add_url(&message->url, request, &bucket->endpoint);
    struct sigv4_request to_sign = {.method = method_names[request->method],
                                    .path = message->url.data + strlen(bucket->endpoint.origin),
                                    .query = query,
                                    .headers = headers.list,
                                    .header_count = headers.count,
                                    .time = stamp,
                                    .payload_hash = headers.hash};
    if (bucket->credentials)
        is_signed = is_signed && sigv4_sign(&authorization, &to_sign, bucket->signer.keys.key_id,
                                            &bucket->signer.key);
    if (!is_signed) {
        buffer_add_text(error, "the request cannot be signed: OpenSSL has no SHA-256; enable its "
                               "default provider in openssl.cnf");
        goto out;
    }
    for (size_t i = 0; i < headers.count; i++)
        http_add_header(message, headers.list[i].name, headers.list[i].value);
    if (bucket->credentials)
        http_add_header(message, "Authorization", authorization.data);
    if (*query)
        buffer_printf(&message->url, "?%s", query);
out:
    buffer_free(&headers.if_match);
    buffer_free(&authorization);
    return is_signed;
}

/* ---- the functions that the pool calls ------------------------------------------------------ */

static enum http_verdict prepare(struct http_request *http, struct http_message *message,
                                 struct buffer *error)
{
    static const enum http_method methods[] = {[S3_GET] = HTTP_GET,
                                               [S3_HEAD] = HTTP_HEAD,
                                               [S3_PUT] = HTTP_PUT,
                                               [S3_POST] = HTTP_POST,
                                               [S3_DELETE] = HTTP_DELETE};
    static const struct s3_request head_bucket = {.method = S3_HEAD, .size = S3_SIZE_UNKNOWN};
    struct job *job = http->user;
    struct s3_request *whole = job->response.request;
    const struct s3_request *request = job->response.asks_region ? &head_bucket : whole;
    struct s3_bucket *bucket = job->response.bucket;
    struct s3_request rest;
    char range[40];
    if (!s3_response_begin(&job->response))
        return HTTP_STOP;
    http->has_progress = false;
    if (!job->response.kept && whole->begin(whole) != S3_TAKEN)
        return HTTP_STOP;
    if (job->response.kept && request == whole) {
        rest = *whole;
        snprintf(range, sizeof range, "bytes=%llu-", (unsigned long long)job->response.kept);
        rest.range = range;
        rest.if_match = job->response.kept_tag;
        rest.size -= job->response.kept;
        request = &rest;
    }
    if (!sign(message, request, bucket, error))
        return HTTP_FAIL;
    job->response.generation = bucket->signer.keys.generation;
    job->response.moved = bucket->moved;
    message->method = methods[request->method];
    message->payload = request->payload;
    message->payload_size = request->payload_size;
    message->expected =
        (request->size == S3_SIZE_UNKNOWN ? 0 : request->size) + request->payload_size;
    if (request->method == S3_PUT || request->method == S3_POST) {
        http_add_header(message, "Content-Type", "application/xml");
        http_add_header(message, "Expect", "");
    }
    return HTTP_ACCEPT;
}

static void header(struct http_request *http, const char *name, const char *value)
{
    struct job *job = http->user;
    s3_response_header(&job->response, name, value);
}

static bool take(struct http_request *http, const struct http_response *response, const void *data,
                 size_t size)
{
    struct job *job = http->user;
    s3_bandwidth_wait(&job->response.bucket->bandwidth, size);
    bool goes_on = s3_response_take(&job->response, response, data, size);
    http->has_progress |= job->response.may_continue &&
                          job->response.received >= job->response.furthest + S3_RESUME_MIN;
    return goes_on;
}

static enum http_verdict judge(struct http_request *http, const struct http_response *response,
                               struct buffer *error)
{
    struct job *job = http->user;
    return s3_response_judge(&job->response, response, error);
}

/* Prints the request and its last response, with -v.  None of this is secret: the signature is in a
 * header, and texts of the store that repeat a part of the credentials are left out. */
static void tell(const struct job *job, const struct http_response *response,
                 const struct http_outcome *ended)
{
    const struct s3_request *request = job->response.request;
    struct buffer line = {0};
    if (message_get_level() < MESSAGE_VERBOSE)
        return;
    buffer_printf(&line, "%s %s", method_names[request->method], job->name.data);
    if (request->query)
        buffer_printf(&line, "?%s", request->query);
    if (response->status)
        buffer_printf(&line, ": %ld", response->status);
    else
        buffer_add_text(&line, ended->result == HTTP_STOPPED ? ": stopped by this program"
                                                             : ": no response");
    if (*job->response.code)
        buffer_printf(&line, " %s", job->response.code);
    buffer_printf(&line, ", %u %s, %lld ms", ended->tries, by_number(ended->tries, "try", "tries"),
                  (long long)ended->milliseconds);
    if (*job->response.request_id &&
        !s3_bucket_has_secret_in(job->response.bucket, job->response.request_id))
        buffer_printf(&line, ", request ID %s", job->response.request_id);
    message_verbose("%s", line.data);
    buffer_free(&line);
}

/* Returns why a request fails that has ended so. */
static enum s3_reason find_reason(const struct s3_response *response,
                                  const struct http_outcome *ended)
{
    if (ended->result != HTTP_FAILED)
        return S3_NO_REASON;
    bool is_unsent = ended->tries_are_over && response->request->key;
    return response->reason == S3_NO_REASON && is_unsent ? S3_UNSENT : response->reason;
}

static void done(struct http_request *http, const struct http_response *response,
                 const struct http_outcome *ended)
{
    static const enum s3_result results[] = {
        [HTTP_DONE] = S3_DONE, [HTTP_FAILED] = S3_FAILED, [HTTP_STOPPED] = S3_STOPPED};
    struct job *job = http->user;
    struct s3_request *request = job->response.request;
    struct s3_outcome outcome = {.result = results[ended->result],
                                 .reason = find_reason(&job->response, ended),
                                 .error = ended->error,
                                 .everywhere = ended->unreachable || job->response.everywhere,
                                 .length = response->length,
                                 .etag = job->response.tag,
                                 .is_encrypted = job->response.is_encrypted};
    memcpy(outcome.date, response->date, sizeof outcome.date);
    tell(job, response, ended);
    if (request->takers)
        s3_takers_drop(request->takers, &job->response.job);
    request->done(request, &outcome);
    s3_response_free(&job->response);
    buffer_free(&job->name);
    free(job);
}

const char *s3_outcome_error(const struct s3_outcome *outcome)
{
    return outcome->error ? outcome->error : "this program stopped the request before its end";
}

void s3_request_start(struct s3_request *request, struct s3_bucket *bucket, struct http_pool *pool)
{
    struct job *job = memory_allocate(1, sizeof *job);
    buffer_printf(&job->name, "s3://%s/%s", bucket->uri.bucket, request->key ? request->key : "");
    s3_response_init(&job->response, request, bucket);
    job->http = (struct http_request){.host = &bucket->host,
                                      .name = job->name.data,
                                      .user = job,
                                      .prepare = prepare,
                                      .header = header,
                                      .take = take,
                                      .judge = judge,
                                      .done = done};
    request->http = &job->http;
    http_pool_add(pool, &job->http);
}

void s3_request_cancel(const struct s3_request *request, struct http_pool *pool)
{
    http_pool_cancel_request(pool, request->http);
}
