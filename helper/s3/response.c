#include "s3/response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "memory/allocate.h"
#include "s3/etag.h"
#include "s3/refusal.h"
#include "text/hex.h"

enum {
    ERROR_KEPT = 64 * 1024, /* bytes of an error document that are read */
    HEAD_KEPT = 2048,       /* bytes that show whether a success is a web page or a late error */
    /* Bytes of an error, or of the response to a request that changes objects; objects and lists
     * have limits of their own. */
    DOCUMENT_MAX = 1024 * 1024,
};

static const char white_space[] = " \t\r\n";

/* Forgets the bytes of earlier tries. */
static void begin_afresh(struct s3_response *response)
{
    response->received = response->kept = 0;
    response->may_continue = false;
    response->request->has_md5 = false;
    if (!response->bucket->md5 || !response->request->key || response->request->method != S3_GET)
        return;
    if (!response->md5)
        response->md5 = EVP_MD_CTX_new();
    if (!response->md5 || !EVP_DigestInit_ex(response->md5, response->bucket->md5, NULL))
        memory_exhausted();
}

/* Keeps the bytes so far for the next try.  Returns false if they are too few, or of no known
 * version. */
static bool keep(struct s3_response *response)
{
    if (!response->may_continue || response->received < S3_RESUME_MIN)
        return false;
    if (*response->tag && response->received > response->kept)
        strcpy(response->kept_tag, response->tag);
    response->kept = response->received;
    return *response->kept_tag && !s3_etag_is_weak(response->kept_tag);
}

/* Waits for the thread that takes the bytes.  If it has failed, the next try does not continue this
 * one. */
static enum s3_taken wait_for_takers(struct s3_response *response)
{
    if (!response->request->takers)
        return S3_TAKEN;
    s3_takers_wait(response->request->takers, &response->job);
    enum s3_taken taken = (enum s3_taken)atomic_load(&response->job_taken);
    response->may_continue &= taken == S3_TAKEN;
    return taken;
}

/* Forgets what headers have said. */
static void forget_headers(struct s3_response *response)
{
    response->tag[0] = response->region[0] = '\0';
    response->request_id[0] = response->location[0] = '\0';
    response->is_encrypted = false;
    response->range_first = 0;
}

bool s3_response_begin(struct s3_response *response)
{
    if (wait_for_takers(response) == S3_STOP)
        return false;
    if (response->received > response->furthest)
        response->furthest = response->received;
    if (!keep(response))
        begin_afresh(response);
    atomic_store(&response->job_taken, S3_TAKEN);
    response->is_judged_later = false;
    response->error_received = 0;
    response->taken = S3_TAKEN;
    response->bytes_error = "corrupt";
    response->reason = S3_NO_REASON;
    response->everywhere = false;
    forget_headers(response);
    response->code[0] = '\0';
    response->status = 0;
    buffer_clear(&response->error_body);
    buffer_clear(&response->head);
    return true;
}

void s3_response_free(struct s3_response *response)
{
    EVP_MD_CTX_free(response->md5);
    buffer_free(&response->error_body);
    buffer_free(&response->head);
}

/* Stores the ETag.  One that is too long for S3 counts as not given. */
static void read_etag(struct s3_response *response, const char *value)
{
    size_t size;
    const char *etag = s3_etag_find(value, &size);
    if (size < sizeof response->tag)
        snprintf(response->tag, sizeof response->tag, "%.*s", (int)size, etag);
}

/* Stores the scheme and the host.  The user's name and the rest of the URL can hold secrets. */
static void read_location(struct s3_response *response, const char *url)
{
    const char *host = strstr(url, "://");
    if (!host)
        return;
    host += strlen("://");
    size_t size = strcspn(host, "/?#");
    const char *user_end = memrchr(host, '@', size);
    if (user_end) {
        size -= (size_t)(user_end + 1 - host);
        host = user_end + 1;
    }
    snprintf(response->location, sizeof response->location, "%.*s://%.*s",
             (int)(strstr(url, "://") - url), url, (int)size, host);
}

void s3_response_header(struct s3_response *response, const char *name, const char *value)
{
    if (!name)
        forget_headers(response);
    else if (!strcasecmp(name, "ETag"))
        read_etag(response, value);
    else if (!strcasecmp(name, "x-amz-bucket-region"))
        snprintf(response->region, sizeof response->region, "%.63s", value);
    else if (!strcasecmp(name, "x-amz-request-id"))
        snprintf(response->request_id, sizeof response->request_id, "%s", value);
    else if (!strcasecmp(name, "Content-Range") && !strncasecmp(value, "bytes ", 6))
        response->range_first = strtoull(value + 6, NULL, 10);
    else if (!strcasecmp(name, "Location"))
        read_location(response, value);
    else if (!strcasecmp(name, "x-amz-server-side-encryption"))
        response->is_encrypted |= !strncmp(value, "aws:kms", 7);
    else if (!strcasecmp(name, "x-amz-server-side-encryption-customer-algorithm"))
        response->is_encrypted = true;
}

/* Returns whether the body is of another version than the request names.  A store compares a strong
 * ETag itself, but some stores ignore the condition.  No store may compare a weak one (RFC 9110,
 * section 13.1.1). */
static bool is_other_version(const struct s3_response *response)
{
    const char *wanted = response->request->if_match;
    return wanted && *response->tag && response->request->method == S3_GET &&
           !s3_etag_is_equal(wanted, response->tag);
}

/* Returns whether the status is a success: the body is the object or the document that was
 * requested.  Else the body is an error document. */
static bool is_success(const struct s3_response *response, const struct http_response *http)
{
    return http->status == 200 ||
           (http->status == 206 && (response->request->range || response->kept)) ||
           (http->status == 204 && response->request->method == S3_DELETE);
}

/* Adds to BUFFER until it has MAX bytes; leaves out white space before the first. */
static void add_up_to(struct buffer *buffer, size_t max, const char *data, size_t size)
{
    size_t room = max - buffer->size;
    for (; !buffer->size && size && memchr(white_space, *data, sizeof white_space - 1); size--)
        data++;
    buffer_add(buffer, data, size < room ? size : room);
}

/* Decides about the first bytes of a try that continues an earlier one: they continue it, or the
 * store sends the whole object again.  Returns false if neither can be. */
static bool continue_bytes(struct s3_response *response, long status)
{
    bool fits = response->range_first == response->kept &&
                s3_etag_is_equal(response->kept_tag, response->tag);
    if (status == 206 && fits)
        return true;
    if (status == 206) {
        response->may_continue = false;
        response->bytes_error = "the S3 server sent other bytes than were asked for; check the "
                                "endpoint, and the proxy if there is one";
        response->taken = S3_DAMAGED;
        return false;
    }
    begin_afresh(response);
    response->taken = response->request->begin(response->request);
    return response->taken == S3_TAKEN;
}

/* Returns the MD5 that the bytes must have: the ETag of the response or, where the response has
 * none, of the list.  Returns NULL if that is not an MD5, or not that of the requested bytes, or if
 * there is no digest to compare. */
static const char *find_md5(const struct s3_response *response)
{
    const char *listed = response->request->if_match;
    const char *etag = *response->tag || !listed ? response->tag : listed;
    if (response->is_encrypted || !response->md5 || response->request->range)
        return NULL;
    return s3_etag_is_md5(etag) ? etag : NULL;
}

/* Adds bytes to the digest, and gives them to the request. */
static enum s3_taken give(struct s3_response *response, const void *data, size_t size,
                          const char **error)
{
    if (response->md5)
        EVP_DigestUpdate(response->md5, data, size);
    return response->request->take(response->request, data, size, error);
}

/* Does the same in a thread of the takers, unless an earlier part has failed. */
static void give_there(void *user, const void *data, size_t size)
{
    struct s3_response *response = user;
    if (atomic_load(&response->job_taken) == S3_TAKEN)
        atomic_store(&response->job_taken, give(response, data, size, &response->job_error));
}

/* Lets a thread of the takers give the bytes.  Returns the result of the bytes before them. */
static enum s3_taken hand_over(struct s3_response *response, const void *data, size_t size)
{
    enum s3_taken taken = (enum s3_taken)atomic_load(&response->job_taken);
    if (taken == S3_TAKEN)
        s3_takers_add(response->request->takers, &response->job, data, size);
    else
        response->bytes_error = response->job_error;
    return taken;
}

bool s3_response_take(struct s3_response *response, const struct http_response *http,
                      const void *data, size_t size)
{
    struct s3_request *request = response->request;
    bool is_document = request->method != S3_GET || !is_success(response, http);
    bool is_first = response->received == response->kept;
    if (is_first && response->kept && is_success(response, http) &&
        !continue_bytes(response, http->status))
        return false;
    uint64_t *received =
        is_success(response, http) ? &response->received : &response->error_received;
    *received += size;
    if (is_document && *received > DOCUMENT_MAX) {
        response->bytes_error =
            "the server's response is longer than 1 MB; check that the endpoint is an "
            "S3 server";
        response->taken = S3_UNUSABLE;
        return false;
    }
    if (!is_success(response, http)) {
        add_up_to(&response->error_body, ERROR_KEPT, data, size);
        return true;
    }
    add_up_to(&response->head, HEAD_KEPT, data, size);
    if (is_other_version(response))
        return false;
    if (response->received > request->size) {
        response->bytes_error = "the object is longer than S3's list of objects says; check the "
                                "endpoint, and the proxy if there is one";
        response->taken = S3_DAMAGED;
        return false;
    }
    if (is_first && !response->kept)
        request->has_md5 = find_md5(response) != NULL;
    response->taken = request->takers ? hand_over(response, data, size)
                                      : give(response, data, size, &response->bytes_error);
    response->may_continue = request->resumes && response->taken == S3_TAKEN;
    return response->taken == S3_TAKEN;
}

/* ---- success -------------------------------------------------------------------------------- */

/* Returns whether the MD5 of the bytes is their ETag; true if the ETag is not an MD5. */
static bool check_md5(struct s3_response *response)
{
    const char *wanted = find_md5(response);
    unsigned char md5[EVP_MAX_MD_SIZE];
    char hex[2 * S3_ETAG_MD5_SIZE + 1];
    if (!wanted)
        return !response->request->has_md5;
    if (!EVP_DigestFinal_ex(response->md5, md5, NULL))
        return false;
    hex_write(hex, md5, S3_ETAG_MD5_SIZE);
    return !strcasecmp(hex, wanted);
}

/* Returns whether the bytes can be those of the requested object. */
static bool is_object(const struct s3_response *response)
{
    const struct s3_request *request = response->request;
    return request->key && request->method == S3_GET && response->taken == S3_TAKEN &&
           (request->size == S3_SIZE_UNKNOWN || request->size == response->received);
}

/* Returns whether a response with the status of a success is a web page, as of a proxy which wants
 * its user to log in.  A complete object may be a web page. */
static bool is_foreign_page(const struct s3_response *response)
{
    return !is_object(response) && s3_refusal_is_page(&response->head);
}

/* Returns whether a response with the status of a success is S3's error document, as of a copy
 * which fails late.  A complete object may be such a document. */
static bool is_late_error(const struct s3_response *response)
{
    static const char declaration[] = "<?xml", name[] = "<Error";
    const char *text = response->head.size ? response->head.data : "";
    if (is_object(response))
        return false;
    if (!strncmp(text, declaration, sizeof declaration - 1)) {
        text += strcspn(text, ">");
        text += strspn(text, ">");
        text += strspn(text, white_space);
    }
    size_t size = sizeof name - 1;
    return !strncmp(text, name, size) && text[size] && strchr(" >", text[size]);
}

static const char md5_error[] = "the object arrived corrupt: its MD5 is not its ETag; check the "
                                "network, and the proxy if there is one";

/* Checks the digest of the bytes, and ends the request. */
static enum s3_taken end_bytes(struct s3_response *response, const char **error)
{
    const struct s3_request *request = response->request;
    if (check_md5(response))
        return request->end ? request->end(response->request, error) : S3_TAKEN;
    *error = md5_error;
    return S3_DAMAGED;
}

/* Does the same in a thread of the takers. */
static void end_there(void *user)
{
    struct s3_response *response = user;
    if (atomic_load(&response->job_taken) == S3_TAKEN)
        atomic_store(&response->job_taken, end_bytes(response, &response->job_error));
}

/* Lets another try bring the right bytes.  If none does, an object is corrupt. */
static enum http_verdict refuse_bytes(struct s3_response *response)
{
    if (response->request->key && response->request->method == S3_GET)
        response->reason = S3_CORRUPT;
    return HTTP_RETRY;
}

/* Judges by the result of all bytes of an object. */
static enum http_verdict judge_taken(struct s3_response *response, struct buffer *error)
{
    if (response->taken == S3_DAMAGED || response->taken == S3_UNUSABLE)
        buffer_add_text(error, response->bytes_error);
    return response->taken == S3_TAKEN      ? HTTP_ACCEPT
           : response->taken == S3_STOP     ? HTTP_STOP
           : response->taken == S3_UNUSABLE ? HTTP_FAIL
                                            : refuse_bytes(response);
}

/* Asks the takers to call end().  Judges when they have; until then, the verdict is HTTP_LATER. */
static enum http_verdict judge_later(struct s3_response *response, struct buffer *error)
{
    if (!response->is_judged_later) {
        response->is_judged_later = true;
        s3_takers_end(response->request->takers, &response->job);
    }
    if (!atomic_load(&response->job.has_ended))
        return HTTP_LATER;
    response->taken = (enum s3_taken)atomic_load(&response->job_taken);
    response->bytes_error = response->job_error;
    return judge_taken(response, error);
}

static enum http_verdict judge_body(struct s3_response *response, const struct http_response *http,
                                    struct buffer *error)
{
    struct s3_request *request = response->request;
    response->may_continue = false;
    if (response->taken == S3_ENOUGH)
        return HTTP_ACCEPT;
    if (is_foreign_page(response))
        return s3_refusal_judge_page(response, response->status, error);
    if (is_late_error(response)) {
        buffer_add(&response->error_body, response->head.data, response->head.size);
        return s3_refusal_judge(response, http, error);
    }
    if (is_other_version(response)) {
        buffer_add_text(error, "the object changed after it was listed");
        response->reason = S3_CHANGED;
        return HTTP_FAIL;
    }
    if (response->taken == S3_TAKEN && request->size != S3_SIZE_UNKNOWN &&
        response->received != request->size) {
        buffer_printf(error,
                      "the object arrived with the size %llu, but S3's list of objects says %llu; "
                      "check the endpoint, and the proxy if there is one",
                      (unsigned long long)response->received, (unsigned long long)request->size);
        return refuse_bytes(response);
    }
    if (response->taken == S3_TAKEN && request->takers)
        return judge_later(response, error);
    if (response->taken == S3_TAKEN)
        response->taken = end_bytes(response, &response->bytes_error);
    return judge_taken(response, error);
}

enum http_verdict s3_response_judge(struct s3_response *response, const struct http_response *http,
                                    struct buffer *error)
{
    response->status = http->status;
    if (response->asks_region)
        return s3_refusal_judge_region(response, http->status, error);
    if (response->is_judged_later)
        return judge_later(response, error);
    return is_success(response, http) ? judge_body(response, http, error)
                                      : s3_refusal_judge(response, http, error);
}

void s3_response_init(struct s3_response *response, struct s3_request *request,
                      struct s3_bucket *bucket)
{
    *response =
        (struct s3_response){.request = request,
                             .bucket = bucket,
                             .job = {.take = give_there, .end = end_there, .user = response}};
}
