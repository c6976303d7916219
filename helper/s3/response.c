#include "s3/response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "memory/allocate.h"
#include "s3/refusal.h"
#include "text/hex.h"

enum {
    ERROR_KEPT = 64 * 1024, /* bytes of an error document that are read */
    HEAD_KEPT = 2048, /* bytes of an answer in which a web page and a late error are recognized */
    /* Bytes of an answer that is neither an object nor a list: an error, or the result of a request
     * that changes objects. */
    DOCUMENT_MAX = 1024 * 1024,
};

static const char white_space[] = " \t\r\n";

/* Forgets the bytes of earlier tries. */
static void begin_afresh(struct s3_answer *answer)
{
    answer->received = answer->kept = 0;
    answer->may_continue = false;
    if (!answer->bucket->md5 || !answer->request->key || answer->request->method != S3_GET)
        return;
    if (!answer->md5)
        answer->md5 = EVP_MD_CTX_new();
    if (!answer->md5 || !EVP_DigestInit_ex(answer->md5, answer->bucket->md5, NULL))
        memory_exhausted();
}

/* Keeps the bytes so far for the next try, when there are enough of a known version. */
static bool keep(struct s3_answer *answer)
{
    if (!answer->may_continue || answer->received < S3_RESUME_MIN)
        return false;
    if (*answer->tag && answer->received > answer->kept)
        strcpy(answer->kept_tag, answer->tag);
    answer->kept = answer->received;
    return *answer->kept_tag && !s3_etag_is_weak(answer->kept_tag);
}

/* Waits for the thread that takes the bytes.  Bytes that it could not take are not continued. */
static enum s3_taken wait_for_takers(struct s3_answer *answer)
{
    if (!answer->request->takers)
        return S3_TAKEN;
    s3_takers_wait(answer->request->takers, &answer->job);
    enum s3_taken taken = (enum s3_taken)atomic_load(&answer->job_taken);
    answer->may_continue &= taken == S3_TAKEN;
    return taken;
}

bool s3_answer_begin(struct s3_answer *answer)
{
    if (wait_for_takers(answer) == S3_STOP)
        return false;
    if (answer->received > answer->furthest)
        answer->furthest = answer->received;
    if (!keep(answer))
        begin_afresh(answer);
    atomic_store(&answer->job_taken, S3_TAKEN);
    answer->is_judged_later = false;
    answer->error_received = answer->range_first = 0;
    answer->taken = S3_TAKEN;
    answer->bytes_error = "corrupt";
    answer->reason = S3_NO_REASON;
    answer->everywhere = false;
    answer->etag[0] = answer->tag[0] = answer->region[0] = '\0';
    answer->request_id[0] = answer->location[0] = answer->code[0] = '\0';
    answer->status = 0;
    answer->etag_is_other = false;
    buffer_clear(&answer->error_body);
    buffer_clear(&answer->head);
    return true;
}

void s3_answer_free(struct s3_answer *answer)
{
    EVP_MD_CTX_free(answer->md5);
    buffer_free(&answer->error_body);
    buffer_free(&answer->head);
}

static void read_etag(struct s3_answer *answer, const char *value)
{
    size_t quote = *value == '"';
    size_t size = strspn(value + quote, "0123456789abcdefABCDEF");
    const char *behind = value + quote + size;
    if (size == 2 * S3_MD5_SIZE && (quote ? *behind == '"' : !*behind))
        memcpy(answer->etag, value + quote, size);
    if (s3_etag_is_weak(value)) {
        snprintf(answer->tag, sizeof answer->tag, "%.*s", (int)strcspn(value, "\r\n"), value);
        return;
    }
    size = strcspn(value + quote, "\"");
    if (size < sizeof answer->tag) {
        memcpy(answer->tag, value + quote, size);
        answer->tag[size] = '\0';
    }
}

/* Keeps the scheme and the host, without a user's name and without the rest, which can hold secrets. */
static void read_location(struct s3_answer *answer, const char *url)
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
    snprintf(answer->location, sizeof answer->location, "%.*s://%.*s",
             (int)(strstr(url, "://") - url), url, (int)size, host);
}

void s3_answer_header(struct s3_answer *answer, const char *name, const char *value)
{
    if (!strcasecmp(name, "ETag"))
        read_etag(answer, value);
    else if (!strcasecmp(name, "x-amz-bucket-region"))
        snprintf(answer->region, sizeof answer->region, "%.63s", value);
    else if (!strcasecmp(name, "x-amz-request-id"))
        snprintf(answer->request_id, sizeof answer->request_id, "%s", value);
    else if (!strcasecmp(name, "Content-Range") && !strncasecmp(value, "bytes ", 6))
        answer->range_first = strtoull(value + 6, NULL, 10);
    else if (!strcasecmp(name, "Location"))
        read_location(answer, value);
    else if (!strcasecmp(name, "x-amz-server-side-encryption"))
        answer->etag_is_other |= !strncmp(value, "aws:kms", 7);
    else if (!strcasecmp(name, "x-amz-server-side-encryption-customer-algorithm"))
        answer->etag_is_other = true;
}

bool s3_etag_is_weak(const char *etag)
{
    return !strncmp(etag, "W/\"", 3);
}

/* Finds what is between the quotes of a weak ETag; all of a strong one, which has none. */
static const char *find_opaque(const char *etag, size_t *size)
{
    const char *opaque = s3_etag_is_weak(etag) ? etag + 3 : etag;
    *size = strlen(opaque);
    *size -= opaque != etag && *size && opaque[*size - 1] == '"';
    return opaque;
}

bool s3_etag_is_equal(const char *a, const char *b)
{
    size_t size_a, size_b;
    const char *opaque_a = find_opaque(a, &size_a), *opaque_b = find_opaque(b, &size_b);
    return size_a == size_b && !memcmp(opaque_a, opaque_b, size_a);
}

/* Returns whether the body is of another version than the request names.  The store compares a
 * strong ETag itself, but some ignore the condition; with a weak one it cannot (RFC 9110, section
 * 13.1.1). */
static bool is_other_version(const struct s3_answer *answer)
{
    const char *wanted = answer->request->if_match;
    return wanted && *answer->tag && answer->request->method == S3_GET &&
           !s3_etag_is_equal(wanted, answer->tag);
}

/* Returns whether the body is the requested object; else it is an error document. */
static bool is_success(const struct s3_answer *answer, const struct http_answer *http)
{
    return http->status == 200 ||
           (http->status == 206 && (answer->request->range || answer->kept)) ||
           (http->status == 204 && answer->request->method == S3_DELETE);
}

/* Adds to BUFFER until it has MAX bytes; leaves out white space before the first. */
static void add_up_to(struct buffer *buffer, size_t max, const char *data, size_t size)
{
    size_t room = max - buffer->size;
    for (; !buffer->size && size && memchr(white_space, *data, sizeof white_space - 1); size--)
        data++;
    buffer_add(buffer, data, size < room ? size : room);
}

/* Looks at the first bytes of an answer to a try that continues another one.  Returns false when they
 * cannot continue it. */
static bool continue_bytes(struct s3_answer *answer, long status)
{
    bool fits =
        answer->range_first == answer->kept && s3_etag_is_equal(answer->kept_tag, answer->tag);
    if (status == 206 && fits)
        return true;
    if (status == 206) {
        answer->may_continue = false;
        answer->bytes_error = "the S3 server sent other bytes than were asked for; check the "
                              "endpoint, and the proxy if there is one";
        answer->taken = S3_DAMAGED;
        return false;
    }
    begin_afresh(answer);
    answer->taken = answer->request->begin(answer->request);
    return answer->taken == S3_TAKEN;
}

/* Adds bytes to the digest, and gives them to the request. */
static enum s3_taken give(struct s3_answer *answer, const void *data, size_t size,
                          const char **error)
{
    if (answer->md5)
        EVP_DigestUpdate(answer->md5, data, size);
    return answer->request->take(answer->request, data, size, error);
}

/* The same by a thread of the takers, as long as nothing has failed. */
static void give_there(void *user, const void *data, size_t size)
{
    struct s3_answer *answer = user;
    if (atomic_load(&answer->job_taken) == S3_TAKEN)
        atomic_store(&answer->job_taken, give(answer, data, size, &answer->job_error));
}

/* Lets a thread of the takers give the bytes.  Returns what has become of those before them. */
static enum s3_taken hand_over(struct s3_answer *answer, const void *data, size_t size)
{
    enum s3_taken taken = (enum s3_taken)atomic_load(&answer->job_taken);
    if (taken == S3_TAKEN)
        s3_takers_add(answer->request->takers, &answer->job, data, size);
    else
        answer->bytes_error = answer->job_error;
    return taken;
}

bool s3_answer_take(struct s3_answer *answer, const struct http_answer *http, const void *data,
                    size_t size)
{
    struct s3_request *request = answer->request;
    bool is_document = request->method != S3_GET || !is_success(answer, http);
    bool is_first = answer->kept && answer->received == answer->kept;
    if (is_first && is_success(answer, http) && !continue_bytes(answer, http->status))
        return false;
    uint64_t *received = is_success(answer, http) ? &answer->received : &answer->error_received;
    *received += size;
    if (is_document && *received > DOCUMENT_MAX) {
        answer->bytes_error =
            "the server's answer is longer than 1 MB; check that the endpoint is an "
            "S3 server";
        answer->taken = S3_UNUSABLE;
        return false;
    }
    if (!is_success(answer, http)) {
        add_up_to(&answer->error_body, ERROR_KEPT, data, size);
        return true;
    }
    add_up_to(&answer->head, HEAD_KEPT, data, size);
    if (is_other_version(answer))
        return false;
    if (answer->received > request->size) {
        answer->bytes_error = "the object is longer than S3's list of objects says; check the "
                              "endpoint, and the proxy if there is one";
        answer->taken = S3_DAMAGED;
        return false;
    }
    answer->taken = request->takers ? hand_over(answer, data, size)
                                    : give(answer, data, size, &answer->bytes_error);
    answer->may_continue = request->resumes && answer->taken == S3_TAKEN;
    return answer->taken == S3_TAKEN;
}

/* ---- success -------------------------------------------------------------------------------- */

/* Returns the MD5 that the bytes must have: the ETag of the answer, or of the object in the list where
 * the answer has none; NULL if the ETag is not an MD5. */
static const char *find_md5(const struct s3_answer *answer)
{
    const char *listed = answer->request->if_match;
    if (answer->etag_is_other)
        return NULL;
    if (*answer->tag || !listed)
        return answer->etag[0] ? answer->etag : NULL;
    size_t size = strspn(listed, "0123456789abcdefABCDEF");
    return size == 2 * S3_MD5_SIZE && !listed[size] ? listed : NULL;
}

/* Returns whether the MD5 of the bytes is their ETag; true if the ETag is not an MD5. */
static bool check_md5(struct s3_answer *answer)
{
    struct s3_request *request = answer->request;
    const char *wanted = find_md5(answer);
    unsigned char md5[EVP_MAX_MD_SIZE];
    char hex[2 * S3_MD5_SIZE + 1];
    request->md5_fits = false;
    if (!answer->md5 || !wanted || request->range)
        return true;
    if (!EVP_DigestFinal_ex(answer->md5, md5, NULL))
        return false;
    hex_write(hex, md5, S3_MD5_SIZE);
    request->md5_fits = !strcasecmp(hex, wanted);
    return request->md5_fits;
}

/* Returns whether the bytes can be those of the requested object. */
static bool is_object(const struct s3_answer *answer)
{
    const struct s3_request *request = answer->request;
    return request->key && request->method == S3_GET && answer->taken == S3_TAKEN &&
           (request->size == S3_SIZE_UNKNOWN || request->size == answer->received);
}

/* Returns whether an answer that seems to be a success is a web page, such as that of a proxy which wants
 * its user to log in.  An object may be one. */
static bool is_foreign_page(const struct s3_answer *answer)
{
    return !is_object(answer) && s3_refusal_is_page(&answer->head);
}

/* Returns whether an answer with the status of a success is S3's error document, such as that of a copy
 * which fails late.  An object may be one. */
static bool is_late_error(const struct s3_answer *answer)
{
    static const char declaration[] = "<?xml", name[] = "<Error";
    const char *text = answer->head.size ? answer->head.data : "";
    if (is_object(answer))
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
static enum s3_taken end_bytes(struct s3_answer *answer, const char **error)
{
    const struct s3_request *request = answer->request;
    if (check_md5(answer))
        return request->end ? request->end(answer->request, error) : S3_TAKEN;
    *error = md5_error;
    return S3_DAMAGED;
}

/* The same by a thread of the takers. */
static void end_there(void *user)
{
    struct s3_answer *answer = user;
    if (atomic_load(&answer->job_taken) == S3_TAKEN)
        atomic_store(&answer->job_taken, end_bytes(answer, &answer->job_error));
}

/* Judges what has become of all bytes of an object. */
static enum http_verdict judge_taken(const struct s3_answer *answer, struct buffer *error)
{
    if (answer->taken == S3_DAMAGED || answer->taken == S3_UNUSABLE)
        buffer_add_text(error, answer->bytes_error);
    return answer->taken == S3_TAKEN      ? HTTP_ACCEPT
           : answer->taken == S3_STOP     ? HTTP_STOP
           : answer->taken == S3_UNUSABLE ? HTTP_FAIL
                                          : HTTP_RETRY;
}

/* Judges once the threads have taken all bytes. */
static enum http_verdict judge_later(struct s3_answer *answer, struct buffer *error)
{
    if (!answer->is_judged_later) {
        answer->is_judged_later = true;
        s3_takers_end(answer->request->takers, &answer->job);
    }
    if (!atomic_load(&answer->job.has_ended))
        return HTTP_LATER;
    answer->taken = (enum s3_taken)atomic_load(&answer->job_taken);
    answer->bytes_error = answer->job_error;
    return judge_taken(answer, error);
}

static enum http_verdict judge_body(struct s3_answer *answer, const struct http_answer *http,
                                    struct buffer *error)
{
    struct s3_request *request = answer->request;
    answer->may_continue = false;
    if (answer->taken == S3_ENOUGH)
        return HTTP_ACCEPT;
    if (is_foreign_page(answer))
        return s3_refusal_judge_page(answer, answer->status, error);
    if (is_late_error(answer)) {
        buffer_add(&answer->error_body, answer->head.data, answer->head.size);
        return s3_refusal_judge(answer, http, error);
    }
    if (is_other_version(answer)) {
        buffer_add_text(error, "the object changed after it was listed");
        answer->reason = S3_CHANGED;
        return HTTP_FAIL;
    }
    if (answer->taken == S3_TAKEN && request->size != S3_SIZE_UNKNOWN &&
        answer->received != request->size) {
        buffer_printf(error,
                      "the object arrived with the size %llu, but S3's list of objects says %llu; "
                      "check the endpoint, and the proxy if there is one",
                      (unsigned long long)answer->received, (unsigned long long)request->size);
        return HTTP_RETRY;
    }
    if (answer->taken == S3_TAKEN && request->takers)
        return judge_later(answer, error);
    if (answer->taken == S3_TAKEN)
        answer->taken = end_bytes(answer, &answer->bytes_error);
    return judge_taken(answer, error);
}

enum http_verdict s3_answer_judge(struct s3_answer *answer, const struct http_answer *http,
                                  struct buffer *error)
{
    answer->status = http->status;
    if (answer->asks_region)
        return s3_refusal_judge_region(answer, http->status, error);
    if (answer->is_judged_later)
        return judge_later(answer, error);
    return is_success(answer, http) ? judge_body(answer, http, error)
                                    : s3_refusal_judge(answer, http, error);
}

void s3_answer_init(struct s3_answer *answer, struct s3_request *request, struct s3_bucket *bucket)
{
    *answer = (struct s3_answer){.request = request,
                                 .bucket = bucket,
                                 .job = {.take = give_there, .end = end_there, .user = answer}};
}
