#include "http/pool.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "s3/error.h"
#include "http/loop.h"
#include "aws/sigv4.h"
#include "text/buffer.h"
#include "text/message.h"

enum {
    TRIES = 7,
    FIRST_DELAY_MS = 200,
    RETRY_AFTER_MAX_S = 60,
    CONNECT_TIMEOUT_MS = 10000,
    STALL_TIMEOUT_S = 30,
    RECEIVE_BUFFER = 64 * 1024,
    ERROR_BODY_MAX = 64 * 1024,
    SILENCE_MAX_MS = 30000,
    MD5_SIZE = 16
};

enum state { IDLE, RUNNING, WAITING };

/* What an answer's headers say. */
struct answer {
    char etag[2 * MD5_SIZE + 1]; /* "" unless it is the MD5 of the body */
    char tag[128];               /* the ETag as it is, without quotes; "" when not given */
    char region[64];
    bool etag_is_other;     /* encrypted with a key: the ETag is no MD5 */
    int64_t date, modified; /* seconds UTC, -1: not given */
    long retry_after;       /* seconds, -1: not given */
};

/* One request under way, with a curl handle that is used over and over. */
struct slot {
    struct s3_pool *pool;
    CURL *easy;
    enum state state;
    struct s3_request *request;
    unsigned tries;
    unsigned moves; /* pool->moves when the try was signed */
    int64_t due;    /* WAITING: when the next try starts, by s3_loop_now() */
    struct curl_slist *headers;
    struct buffer url, authorization, error_body;
    EVP_MD_CTX *md5;
    struct answer answer;
    long status;
    uint64_t received;
    enum s3_taken taken;
    const char *damage; /* what is wrong with the bytes, static */
    char curl_message[CURL_ERROR_SIZE];
};

struct s3_pool {
    struct s3_bucket *bucket;
    CURLM *multi;
    struct s3_loop loop;
    EVP_MD *md5; /* NULL: this OpenSSL has none (FIPS); sizes alone are checked */
    struct sigv4_key key;
    unsigned moves;     /* times that the bucket's region was changed, 0 or 1 */
    unsigned key_moves; /* moves when the key was derived */
    bool answered;      /* the store has answered something */
    int64_t told;       /* when a try that failed was last spoken of, or the pool began */
    unsigned short random[3];
    struct slot *slots;
    unsigned slot_count, busy;
};

static void parse_etag(struct answer *answer, const char *value)
{
    size_t quote = *value == '"';
    size_t size = strspn(value + quote, "0123456789abcdefABCDEF");
    const char *behind = value + quote + size;
    if (size == 2 * MD5_SIZE && (quote ? *behind == '"' : !*behind))
        memcpy(answer->etag, value + quote, size);
    size = strcspn(value + quote, "\"");
    if (size < sizeof answer->tag) {
        memcpy(answer->tag, value + quote, size);
        answer->tag[size] = '\0';
    }
}

static size_t take_header(char *line, size_t size, size_t count, void *user)
{
    (void)size;
    struct slot *slot = user;
    struct answer *answer = &slot->answer;
    char text[1024];
    size_t length = count < sizeof text ? count : sizeof text - 1;
    memcpy(text, line, length);
    while (length && strchr("\r\n \t", text[length - 1]))
        length--;
    text[length] = '\0';
    char *value = strchr(text, ':');
    if (!strncmp(text, "HTTP/", 5))
        *answer = (struct answer){.date = -1, .modified = -1, .retry_after = -1};
    if (!value)
        return count;
    *value++ = '\0';
    value += strspn(value, " \t");
    if (!strcasecmp(text, "ETag"))
        parse_etag(answer, value);
    else if (!strcasecmp(text, "Date"))
        answer->date = curl_getdate(value, NULL);
    else if (!strcasecmp(text, "Last-Modified"))
        answer->modified = curl_getdate(value, NULL);
    else if (!strcasecmp(text, "x-amz-bucket-region"))
        snprintf(answer->region, sizeof answer->region, "%.63s", value);
    else if (!strcasecmp(text, "x-amz-server-side-encryption"))
        answer->etag_is_other |= !strncmp(value, "aws:kms", 7);
    else if (!strcasecmp(text, "x-amz-server-side-encryption-customer-algorithm"))
        answer->etag_is_other = true;
    else if (!strcasecmp(text, "Retry-After") && *value >= '0' && *value <= '9')
        answer->retry_after = strtol(value, NULL, 10);
    else if (!strcasecmp(text, "Retry-After") && curl_getdate(value, NULL) >= 0)
        answer->retry_after = (long)(curl_getdate(value, NULL) - time(NULL));
    return count;
}

/* Whether the store sends what was asked for; else its answer is an error document. */
static bool is_success(const struct slot *slot)
{
    return slot->status == 200 || (slot->status == 206 && slot->request->range);
}

static size_t take_body(char *data, size_t size, size_t count, void *user)
{
    (void)size;
    struct slot *slot = user;
    if (!slot->status)
        curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &slot->status);
    if (!is_success(slot)) {
        size_t room = ERROR_BODY_MAX - slot->error_body.size;
        buffer_add(&slot->error_body, data, count < room ? count : room);
        return count;
    }
    slot->received += count;
    if (slot->received > slot->request->size) {
        slot->damage = "longer than it was listed";
        slot->taken = S3_DAMAGED;
        return CURL_WRITEFUNC_ERROR;
    }
    if (slot->pool->md5)
        EVP_DigestUpdate(slot->md5, data, count);
    slot->taken = slot->request->take(slot->request, data, count, &slot->damage);
    return slot->taken == S3_TAKEN ? count : CURL_WRITEFUNC_ERROR;
}

static bool add_header(struct slot *slot, const char *name, const char *value)
{
    struct buffer line = {0};
    struct curl_slist *longer = NULL;
    if (buffer_printf(&line, "%s: %s", name, value))
        longer = curl_slist_append(slot->headers, line.data);
    buffer_free(&line);
    if (longer)
        slot->headers = longer;
    return longer != NULL;
}

static const char *const method_names[] = {
    [S3_GET] = "GET", [S3_HEAD] = "HEAD", [S3_PUT] = "PUT", [S3_POST] = "POST"};

/* The MD5 of what is sent, in base64, as DeleteObjects asks for it. */
static bool put_md5(char text[2 * MD5_SIZE], const struct s3_request *request, const EVP_MD *type)
{
    unsigned char md5[EVP_MAX_MD_SIZE];
    if (!EVP_Digest(request->payload, request->payload_size, md5, NULL, type, NULL))
        return false;
    EVP_EncodeBlock((unsigned char *)text, md5, MD5_SIZE);
    return true;
}

/* Makes the URL and the signed headers of a try.  False: memory ran out, or OpenSSL fails. */
static bool sign(struct slot *slot)
{
    struct s3_pool *pool = slot->pool;
    const struct s3_request *request = slot->request;
    const struct s3_bucket *bucket = pool->bucket;
    const char *query = request->query ? request->query : "";
    char stamp[sizeof "YYYYMMDDTHHMMSSZ"];
    time_t now = time(NULL);
    struct tm tm;
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));

    if (strncmp(pool->key.day, stamp, 8) || pool->key_moves != pool->moves) {
        if (!sigv4_key_derive(&pool->key, bucket->credentials.secret, stamp, bucket->region, "s3"))
            return false;
        pool->key_moves = pool->moves;
    }

    buffer_clear(&slot->url);
    buffer_printf(&slot->url, "%s%s", bucket->endpoint.origin, bucket->endpoint.path);
    if (request->key || !*bucket->endpoint.path)
        buffer_add(&slot->url, "/", 1);
    if (request->key)
        s3_uri_encode(&slot->url, request->key, true);
    if (slot->url.failed)
        return false;

    struct sigv4_header headers[9];
    struct buffer if_match = {0};
    char hash[SIGV4_HASH_SIZE] = SIGV4_EMPTY_SHA256, md5[2 * MD5_SIZE];
    size_t count = 0;
    if (request->payload && !sigv4_hash(hash, request->payload, request->payload_size))
        return false;
    if (request->payload && pool->md5 && put_md5(md5, request, pool->md5))
        headers[count++] = (struct sigv4_header){"content-md5", md5};
    headers[count++] = (struct sigv4_header){"host", bucket->endpoint.host};
    if (request->if_match)
        buffer_printf(&if_match, "\"%s\"", request->if_match);
    if (if_match.data && !request->copy_source)
        headers[count++] = (struct sigv4_header){"if-match", if_match.data};
    if (request->range)
        headers[count++] = (struct sigv4_header){"range", request->range};
    headers[count++] = (struct sigv4_header){"x-amz-content-sha256", hash};
    if (request->copy_source)
        headers[count++] = (struct sigv4_header){"x-amz-copy-source", request->copy_source};
    if (if_match.data && request->copy_source)
        headers[count++] = (struct sigv4_header){"x-amz-copy-source-if-match", if_match.data};
    headers[count++] = (struct sigv4_header){"x-amz-date", stamp};
    if (bucket->credentials.token)
        headers[count++] = (struct sigv4_header){"x-amz-security-token", bucket->credentials.token};
    struct sigv4_request to_sign = {.method = method_names[request->method],
                                    .path = slot->url.data + strlen(bucket->endpoint.origin),
                                    .query = query,
                                    .headers = headers,
                                    .header_count = count,
                                    .time = stamp,
                                    .payload_hash = hash};
    buffer_clear(&slot->authorization);
    bool signed_all = !if_match.failed && sigv4_sign(&slot->authorization, &to_sign,
                                                     bucket->credentials.key_id, &pool->key);

    curl_slist_free_all(slot->headers);
    slot->headers = NULL;
    for (size_t i = 0; signed_all && i < count; i++)
        signed_all = add_header(slot, headers[i].name, headers[i].value);
    buffer_free(&if_match);
    if (request->method == S3_PUT || request->method == S3_POST)
        signed_all = signed_all && add_header(slot, "Content-Type", "application/xml") &&
                     add_header(slot, "Expect", "");
    return signed_all && add_header(slot, "Authorization", slot->authorization.data) &&
           (!*query || buffer_printf(&slot->url, "?%s", query));
}

/* The request is done; its slot is free before it is told so, for it may add another. */
static void finish_refused(struct slot *slot, enum s3_result result, const char *cause,
                           bool everywhere, enum s3_refusal refusal)
{
    struct s3_request *request = slot->request;
    struct s3_outcome outcome = {.result = result,
                                 .refusal = refusal,
                                 .cause = cause,
                                 .everywhere = everywhere,
                                 .modified = slot->answer.modified,
                                 .length = S3_SIZE_UNKNOWN,
                                 .etag = slot->answer.tag,
                                 .date = slot->answer.date};
    curl_off_t length = -1;
    curl_easy_getinfo(slot->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0)
        outcome.length = (uint64_t)length;
    slot->state = IDLE;
    slot->request = NULL;
    slot->pool->busy--;
    request->done(request, &outcome);
}

static void finish(struct slot *slot, enum s3_result result, const char *cause, bool everywhere)
{
    finish_refused(slot, result, cause, everywhere, S3_NOT_REFUSED);
}

static void set_method(struct slot *slot)
{
    const struct s3_request *request = slot->request;
    bool sends = request->method == S3_PUT || request->method == S3_POST;
    curl_easy_setopt(slot->easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(slot->easy, CURLOPT_NOBODY, request->method == S3_HEAD ? 1L : 0L);
    curl_easy_setopt(slot->easy, CURLOPT_CUSTOMREQUEST, request->method == S3_PUT ? "PUT" : NULL);
    if (!sends)
        return;
    curl_easy_setopt(slot->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->payload_size);
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, request->payload ? request->payload : "");
}

static void start_try(struct slot *slot)
{
    struct s3_pool *pool = slot->pool;
    slot->tries++;
    slot->moves = pool->moves;
    slot->status = 0;
    slot->received = 0;
    slot->taken = S3_TAKEN;
    slot->damage = "damaged";
    slot->curl_message[0] = '\0';
    slot->answer = (struct answer){.date = -1, .modified = -1, .retry_after = -1};
    buffer_clear(&slot->error_body);
    slot->state = RUNNING;
    if (slot->request->begin(slot->request) != S3_TAKEN) {
        finish(slot, S3_STOPPED, NULL, false);
        return;
    }
    if (!sign(slot) || (pool->md5 && !EVP_DigestInit_ex(slot->md5, pool->md5, NULL))) {
        finish(slot, S3_FAILED, "the request cannot be signed: out of memory", true);
        return;
    }
    set_method(slot);
    curl_easy_setopt(slot->easy, CURLOPT_URL, slot->url.data);
    curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers);
    if (curl_multi_add_handle(pool->multi, slot->easy) != CURLM_OK)
        finish(slot, S3_FAILED, "out of memory", true);
}

/* The request goes to its next try, or fails with CAUSE after the last one. */
static void try_again(struct slot *slot, const char *cause)
{
    struct s3_pool *pool = slot->pool;
    if (slot->tries >= TRIES) {
        struct buffer text = {0};
        buffer_printf(&text, "%s (tried %d times)", cause, TRIES);
        finish(slot, S3_FAILED, text.failed ? cause : text.data, false);
        buffer_free(&text);
        return;
    }
    int64_t delay = (int64_t)FIRST_DELAY_MS << (slot->tries - 1);
    delay = (int64_t)((double)delay * (0.5 + erand48(pool->random) / 2));
    long asked =
        slot->answer.retry_after < RETRY_AFTER_MAX_S ? slot->answer.retry_after : RETRY_AFTER_MAX_S;
    if (asked * 1000 > delay)
        delay = asked * 1000;
    int64_t now = s3_loop_now();
    bool is_long = slot->tries > 1 && now - pool->told >= SILENCE_MAX_MS;
    if (is_long)
        pool->told = now;
    void (*say)(const char *, ...) = is_long ? message_note : message_verbose;
    say("s3://%s/%s: %s; trying again in %.1f s", pool->bucket->uri.bucket,
        slot->request->key ? slot->request->key : "", cause, (double)delay / 1000);
    slot->due = now + delay;
    slot->state = WAITING;
}

static bool is_connected(const struct slot *slot)
{
    curl_off_t microseconds = 0;
    curl_easy_getinfo(slot->easy, CURLINFO_PRETRANSFER_TIME_T, &microseconds);
    return microseconds > 0;
}

/* The environment variable that names a proxy for the bucket, as curl looks for it; NULL: none. */
static const char *find_proxy(const struct s3_bucket *bucket)
{
    static const char *const of_https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                           NULL};
    static const char *const of_http[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
    bool https = !strncmp(bucket->endpoint.origin, "https:", 6);
    for (const char *const *name = https ? of_https : of_http; *name; name++) {
        const char *value = getenv(*name);
        if (value && *value)
            return *name;
    }
    return NULL;
}

/* A try that ended without a whole answer. */
static void fail_on_network(struct slot *slot, CURLcode code)
{
    const char *host = slot->pool->bucket->endpoint.host;
    const char *proxy = find_proxy(slot->pool->bucket);
    const char *detail = slot->curl_message[0] ? slot->curl_message : curl_easy_strerror(code);
    struct buffer cause = {0};
    bool passing = true;
    switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
        buffer_printf(&cause, "no such host, or no network: %s", detail);
        passing = slot->pool->answered;
        break;
    case CURLE_COULDNT_RESOLVE_HOST:
        buffer_printf(&cause,
                      "%s: no such host, or no network; check the endpoint, the region and "
                      "the network",
                      host);
        passing = slot->pool->answered;
        break;
    case CURLE_COULDNT_CONNECT:
        buffer_printf(&cause, "%s cannot be reached (%s); check the endpoint and the network", host,
                      detail);
        passing = slot->pool->answered;
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        buffer_printf(&cause,
                      "the TLS certificate of %s cannot be trusted (%s); install the "
                      "certificate of its CA on this machine",
                      host, detail);
        passing = false;
        break;
    case CURLE_SSL_CONNECT_ERROR:
        buffer_printf(&cause, "no TLS connection to %s (%s); does it speak https?", host, detail);
        passing = slot->pool->answered;
        break;
    case CURLE_OPERATION_TIMEDOUT:
        if (is_connected(slot))
            buffer_printf(&cause, "%s sent nothing for %d s", host, STALL_TIMEOUT_S);
        else
            buffer_printf(&cause, "%s does not answer (%s); check the endpoint and the network",
                          host, detail);
        passing = slot->pool->answered || is_connected(slot);
        break;
    case CURLE_PARTIAL_FILE:
        buffer_printf(&cause, "cut off after %llu bytes", (unsigned long long)slot->received);
        break;
    case CURLE_URL_MALFORMAT:
        buffer_printf(&cause, "the endpoint %s cannot be used (%s)", host, detail);
        passing = false;
        break;
    case CURLE_UNSUPPORTED_PROTOCOL: /* among others, an answer without a head */
    case CURLE_WEIRD_SERVER_REPLY:
        buffer_printf(&cause, "%s answered with something that is not HTTP (%s)", host, detail);
        passing = slot->pool->answered;
        break;
    default:
        buffer_printf(&cause, "the connection to %s failed (%s)", host, detail);
        break;
    }
    if (proxy && !slot->pool->answered)
        buffer_printf(&cause, "; check the proxy that %s names, too", proxy);
    const char *text = cause.failed ? detail : cause.data;
    if (passing)
        try_again(slot, text);
    else
        finish(slot, S3_FAILED, text, true);
    buffer_free(&cause);
}

/* Whether the answer says that the bucket is in another region; then the request is sent there. */
static bool follow_region(struct slot *slot, const struct s3_error *error)
{
    struct s3_pool *pool = slot->pool;
    bool is_redirect = slot->status == 301 || slot->status == 307 ||
                       !strcmp(error->code, "AuthorizationHeaderMalformed") ||
                       !strcmp(error->code, "PermanentRedirect") ||
                       !strcmp(error->code, "IllegalLocationConstraintException");
    const char *region = slot->answer.region[0] ? slot->answer.region : error->region;
    if (!is_redirect)
        return false;
    if (slot->moves == pool->moves) {
        if (pool->moves || !*region || !strcmp(region, pool->bucket->region) ||
            s3_bucket_move(pool->bucket, region) < 0)
            return false;
        pool->moves++;
    }
    slot->tries--;
    start_try(slot);
    return true;
}

/* What the answer says of this object, where it says nothing of all others. */
static enum s3_refusal find_refusal(const struct s3_error *error)
{
    if (s3_error_is_everywhere(error))
        return S3_NOT_REFUSED;
    if (!strcmp(error->code, "InvalidObjectState"))
        return S3_ARCHIVED;
    if (error->status == 412)
        return S3_CHANGED;
    if (error->status == 404)
        return S3_GONE;
    return error->status == 403 ? S3_FORBIDDEN : S3_NOT_REFUSED;
}

/* The permission that a request needs. */
static const char *find_action(const struct s3_request *request)
{
    if (request->method == S3_PUT)
        return "s3:PutObject";
    if (request->method == S3_POST)
        return "s3:DeleteObject";
    return request->key ? "s3:GetObject" : "s3:ListBucket";
}

static void fail_on_answer(struct slot *slot)
{
    struct s3_pool *pool = slot->pool;
    struct s3_error error = {.status = slot->status};
    struct buffer cause = {0};
    if (slot->error_body.size)
        s3_error_parse(&error, slot->error_body.data, slot->error_body.size);
    /* To HeadObject the store answers without a document. */
    if (slot->request->method == S3_HEAD && (slot->status == 403 || slot->status == 404))
        strcpy(error.code, slot->status == 403 ? "AccessDenied" : "NoSuchKey");
    if (follow_region(slot, &error))
        return;
    if (!error.code[0] && slot->answer.region[0] && slot->status == 301)
        snprintf(error.code, sizeof error.code, "PermanentRedirect");
    long ahead = slot->answer.date < 0 ? 0 : (long)(time(NULL) - slot->answer.date);
    s3_error_explain(&cause, &error, pool->bucket, find_action(slot->request), ahead);
    const char *text = cause.failed ? "out of memory" : cause.data;
    if (s3_error_is_passing(&error))
        try_again(slot, text);
    else
        finish_refused(slot, S3_FAILED, text, s3_error_is_everywhere(&error),
                       slot->request->key ? find_refusal(&error) : S3_NOT_REFUSED);
    buffer_free(&cause);
}

/* Whether the bytes that came are those that the ETag was made of. */
static bool md5_fits(struct slot *slot)
{
    unsigned char md5[EVP_MAX_MD_SIZE];
    char hex[2 * MD5_SIZE + 1];
    slot->request->md5_fits = false;
    if (!slot->pool->md5 || !slot->answer.etag[0] || slot->answer.etag_is_other ||
        slot->request->range || !slot->request->key || slot->request->method != S3_GET)
        return true;
    if (!EVP_DigestFinal_ex(slot->md5, md5, NULL))
        return false;
    for (size_t i = 0; i < MD5_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", md5[i]);
    slot->request->md5_fits = !strcasecmp(hex, slot->answer.etag);
    return slot->request->md5_fits;
}

static void finish_body(struct slot *slot)
{
    const struct s3_request *request = slot->request;
    char text[128];
    if (request->size != S3_SIZE_UNKNOWN && slot->received != request->size) {
        snprintf(text, sizeof text, "%llu bytes came, but %llu were listed",
                 (unsigned long long)slot->received, (unsigned long long)request->size);
        slot->damage = text;
        slot->taken = S3_DAMAGED;
    } else if (!md5_fits(slot)) {
        slot->damage = "damaged: its MD5 is not its ETag";
        slot->taken = S3_DAMAGED;
    } else {
        slot->taken = request->end(slot->request, &slot->damage);
    }
    if (slot->taken == S3_TAKEN)
        finish(slot, S3_DONE, NULL, false);
    else if (slot->taken == S3_STOP)
        finish(slot, S3_STOPPED, NULL, false);
    else
        try_again(slot, slot->damage);
}

static void end_try(struct slot *slot, CURLcode code)
{
    curl_multi_remove_handle(slot->pool->multi, slot->easy);
    curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &slot->status);
    if (slot->status)
        slot->pool->answered = true;
    if (slot->taken == S3_STOP)
        finish(slot, S3_STOPPED, NULL, false);
    else if (slot->taken == S3_DAMAGED)
        try_again(slot, slot->damage);
    else if (code != CURLE_OK && (is_success(slot) || !slot->status))
        fail_on_network(slot, code);
    else if (!is_success(slot))
        fail_on_answer(slot);
    else
        finish_body(slot);
}

static bool set_up(struct slot *slot, struct s3_pool *pool)
{
    bool https = !strncmp(pool->bucket->endpoint.origin, "https:", 6);
    const char *authorities = getenv("AWS_CA_BUNDLE"); /* as AWS's own tools take it */
    slot->pool = pool;
    slot->easy = curl_easy_init();
    slot->md5 = EVP_MD_CTX_new();
    if (!slot->easy || !slot->md5)
        return false;
    CURL *easy = slot->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->curl_message);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, slot);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, https ? "https" : "http");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(https ? CURLPROTO_HTTPS : CURLPROTO_HTTP));
#endif
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* a key may hold "../" */
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (authorities && *authorities)
        curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)STALL_TIMEOUT_S);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "awstats-cloudfront");
    return true;
}

struct s3_pool *s3_pool_new(struct s3_bucket *bucket, unsigned transfers)
{
    struct s3_pool *pool = calloc(1, sizeof *pool);
    struct timespec now;
    if (!pool)
        goto failed;
    pool->bucket = bucket;
    pool->loop = (struct s3_loop){.epoll = -1, .wake = -1};
    pool->slots = calloc(transfers, sizeof *pool->slots);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    pool->multi = curl_multi_init();
    if (!pool->slots || !pool->multi || s3_loop_open(&pool->loop, pool->multi) < 0)
        goto failed;
    pool->md5 = EVP_MD_fetch(NULL, "MD5", NULL);
    curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, (long)transfers);
    for (; pool->slot_count < transfers; pool->slot_count++)
        if (!set_up(&pool->slots[pool->slot_count], pool)) {
            pool->slot_count++;
            goto failed;
        }
    pool->told = s3_loop_now();
    clock_gettime(CLOCK_REALTIME, &now);
    pool->random[0] = (unsigned short)now.tv_nsec;
    pool->random[1] = (unsigned short)(now.tv_nsec >> 16);
    pool->random[2] = (unsigned short)now.tv_sec;
    return pool;
failed:
    message_error("the network cannot be used: out of memory or of file descriptors");
    s3_pool_free(pool);
    return NULL;
}

bool s3_pool_has_room(const struct s3_pool *pool)
{
    return pool->busy < pool->slot_count;
}

bool s3_pool_is_busy(const struct s3_pool *pool)
{
    return pool->busy > 0;
}

void s3_pool_add(struct s3_pool *pool, struct s3_request *request)
{
    struct slot *slot = pool->slots;
    while (slot->state != IDLE)
        slot++;
    pool->busy++;
    slot->request = request;
    slot->tries = 0;
    start_try(slot);
}

void s3_pool_step(struct s3_pool *pool, int wait)
{
    int64_t now = s3_loop_now();
    for (unsigned i = 0; i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->state == WAITING && slot->due <= now)
            start_try(slot);
        else if (slot->state == WAITING && slot->due - now < wait)
            wait = (int)(slot->due - now);
    }
    s3_loop_step(&pool->loop, wait);
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(pool->multi, &left))) {
        struct slot *slot;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&slot);
        end_try(slot, code);
    }
}

void s3_pool_wake(struct s3_pool *pool)
{
    s3_loop_wake(&pool->loop);
}

void s3_pool_free(struct s3_pool *pool)
{
    if (!pool)
        return;
    for (unsigned i = 0; i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->state == RUNNING)
            curl_multi_remove_handle(pool->multi, slot->easy);
        if (slot->state != IDLE)
            finish(slot, S3_STOPPED, NULL, false);
        curl_easy_cleanup(slot->easy);
        curl_slist_free_all(slot->headers);
        buffer_free(&slot->url);
        buffer_free(&slot->authorization);
        buffer_free(&slot->error_body);
        EVP_MD_CTX_free(slot->md5);
    }
    curl_multi_cleanup(pool->multi);
    s3_loop_close(&pool->loop);
    EVP_MD_free(pool->md5);
    OPENSSL_cleanse(&pool->key, sizeof pool->key);
    free(pool->slots);
    free(pool);
}
