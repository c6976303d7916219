#include "http/pool.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "http/deadline.h"
#include "http/loop.h"
#include "http/network_error.h"
#include "memory/allocate.h"
#include "text/message.h"

enum {
    CONNECT_TIMEOUT_MS = 10000,
    TIMER_MS = 100, /* by which libcurl's timers may be early */
    RECEIVE_BUFFER = 64 * 1024,
    HEADERS_MAX =
        256 * 1024, /* bytes of the headers of an answer, and of those that come before it */
};

enum state { IDLE, RUNNING, WAITING };

static const struct http_answer no_answer = {
    .length = HTTP_LENGTH_UNKNOWN, .date = -1, .modified = -1, .retry_after = -1};

/* One request under way, with a curl handle that is used over and over. */
struct slot {
    struct http_pool *pool;
    CURL *easy;
    enum state state;
    struct http_request *request;
    unsigned tries, sent; /* sent: with the tries that are not counted */
    int64_t added;        /* when the request came, by http_loop_now() */
    int64_t due;          /* WAITING: when the next try starts, by http_loop_now() */
    struct http_message message;
    struct http_answer answer;
    uint64_t received; /* bytes of the body */
    size_t headers;    /* bytes of the headers */
    bool broken_off;   /* by the request */
    char curl_error[CURL_ERROR_SIZE];
};

struct http_pool {
    CURLM *multi;
    struct http_loop loop;
    /* When a request was last done, the last note about a failing try was printed, or the pool was
     * made. */
    int64_t told;
    bool is_ending; /* in http_pool_cancel(): no request may be added */
    unsigned short random[3];
    struct slot *slots;
    unsigned slot_count, busy;
};

void http_add_header(struct http_message *message, const char *name, const char *value)
{
    struct buffer line = {0};
    buffer_printf(&line, "%s: %s", name, value);
    struct curl_slist *longer = curl_slist_append(message->headers, line.data);
    if (!longer)
        memory_exhausted();
    message->headers = longer;
    buffer_free(&line);
}

static void clear_message(struct http_message *message)
{
    struct buffer url = message->url;
    curl_slist_free_all(message->headers);
    buffer_clear(&url);
    *message = (struct http_message){.url = url};
}

/* ---- an answer comes ------------------------------------------------------------------------ */

static void read_header(struct http_answer *answer, const char *name, const char *value)
{
    if (!strcasecmp(name, "Date"))
        answer->date = curl_getdate(value, NULL);
    else if (!strcasecmp(name, "Last-Modified"))
        answer->modified = curl_getdate(value, NULL);
    else if (!strcasecmp(name, "Retry-After") && *value >= '0' && *value <= '9')
        answer->retry_after = strtol(value, NULL, 10);
    else if (!strcasecmp(name, "Retry-After") && curl_getdate(value, NULL) >= 0)
        answer->retry_after = (long)(curl_getdate(value, NULL) - time(NULL));
}

static size_t take_header(char *line, size_t size, size_t count, void *user)
{
    (void)size;
    struct slot *slot = user;
    char text[1024];
    slot->headers += count;
    if (slot->headers > HEADERS_MAX)
        return 0;
    size_t length = count < sizeof text ? count : sizeof text - 1;
    memcpy(text, line, length);
    while (length && strchr("\r\n \t", text[length - 1]))
        length--;
    text[length] = '\0';
    if (!strncmp(text, "HTTP/", 5))
        slot->answer = no_answer;
    char *value = strchr(text, ':');
    if (!value)
        return count;
    *value++ = '\0';
    value += strspn(value, " \t");
    read_header(&slot->answer, text, value);
    if (slot->request->header)
        slot->request->header(slot->request, text, value);
    return count;
}

static size_t take_body(char *data, size_t size, size_t count, void *user)
{
    (void)size;
    struct slot *slot = user;
    if (!slot->answer.status)
        curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &slot->answer.status);
    slot->received += count;
    slot->broken_off = !slot->request->take(slot->request, &slot->answer, data, count);
    return slot->broken_off ? CURL_WRITEFUNC_ERROR : count;
}

/* ---- a try begins and ends ------------------------------------------------------------------ */

/* Ends the request.  Its slot is free before done() is called, which may add another request. */
static void finish(struct slot *slot, enum http_result result, const char *error, bool unreachable)
{
    struct http_request *request = slot->request;
    struct http_outcome outcome = {.result = result,
                                   .error = error,
                                   .unreachable = unreachable,
                                   .tries = slot->sent,
                                   .milliseconds = http_loop_now() - slot->added};
    struct http_answer answer = slot->answer;
    slot->state = IDLE;
    slot->request = NULL;
    slot->pool->busy--;
    if (result == HTTP_DONE)
        slot->pool->told = http_loop_now();
    request->done(request, &answer, &outcome);
}

static void set_method(CURL *easy, const struct http_message *message)
{
    enum http_method method = message->method;
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_NOBODY, method == HTTP_HEAD ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method == HTTP_PUT ? "PUT" : NULL);
    if (method != HTTP_PUT && method != HTTP_POST)
        return;
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)message->payload_size);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, message->payload ? message->payload : "");
}

static void set_authorities(const struct slot *slot)
{
    const char *environment = getenv("AWS_CA_BUNDLE"); /* the variable that AWS's own tools read */
    if (environment && *environment)
        curl_easy_setopt(slot->easy, CURLOPT_CAINFO, environment);
    else if (slot->request->host->authorities)
        curl_easy_setopt(slot->easy, CURLOPT_CAINFO, slot->request->host->authorities);
}

static void start_try(struct slot *slot)
{
    struct buffer error = {0};
    slot->tries++;
    slot->sent++;
    slot->answer = no_answer;
    slot->received = slot->headers = 0;
    slot->broken_off = false;
    slot->curl_error[0] = '\0';
    slot->state = RUNNING;
    clear_message(&slot->message);
    switch (slot->request->prepare(slot->request, &slot->message, &error)) {
    case HTTP_ACCEPT:
        break;
    case HTTP_STOP:
        finish(slot, HTTP_STOPPED, error.data, false);
        goto out;
    default:
        finish(slot, HTTP_FAILED,
               error.data ? error.data
                          : "the request to the server could not be prepared, and the reason is "
                            "unknown; run this again, and report this error if it comes back",
               true);
        goto out;
    }
    set_method(slot->easy, &slot->message);
    curl_easy_setopt(slot->easy, CURLOPT_URL, slot->message.url.data);
    curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->message.headers);
    curl_easy_setopt(slot->easy, CURLOPT_TIMEOUT_MS, http_deadline(slot->message.expected));
    set_authorities(slot);
    if (curl_multi_add_handle(slot->pool->multi, slot->easy) != CURLM_OK)
        memory_exhausted();
out:
    buffer_free(&error);
}

/* Prints that a try has failed: with -v at once, else only after tries have failed for a long
 * time. */
static void note_retry(struct slot *slot, const char *error, int64_t delay)
{
    struct http_pool *pool = slot->pool;
    const char *name = slot->request->name;
    double seconds = (double)delay / 1000;
    int64_t now = http_loop_now();
    if (slot->tries > 1 && now - pool->told >= HTTP_SILENCE_MAX_MS) {
        pool->told = now;
        message_note("%s: %s; trying again in %.1f s", name, error, seconds);
    } else {
        message_verbose("%s: %s; trying again in %.1f s", name, error, seconds);
    }
}

/* Lets the request wait for its next try, or fail with ERROR after the last one. */
static void try_again(struct slot *slot, const char *error)
{
    if (slot->tries >= HTTP_TRIES) {
        struct buffer text = {0};
        buffer_printf(&text, "%s (tried %d times)", error, HTTP_TRIES);
        finish(slot, HTTP_FAILED, text.data, false);
        buffer_free(&text);
        return;
    }
    int64_t delay = (int64_t)HTTP_FIRST_DELAY_MS << (slot->tries - 1);
    delay = (int64_t)((double)delay * (0.5 + erand48(slot->pool->random) / 2));
    int64_t asked = slot->answer.retry_after;
    if (asked > HTTP_RETRY_AFTER_MAX_S)
        asked = HTTP_RETRY_AFTER_MAX_S;
    if (asked * 1000 > delay)
        delay = asked * 1000;
    note_retry(slot, error, delay);
    slot->due = http_loop_now() + delay;
    slot->state = WAITING;
}

/* A try has ended without a whole answer. */
static void fail_on_network(struct slot *slot, CURLcode code)
{
    struct buffer text = {0};
    curl_off_t before = 0, total = 0;
    curl_easy_getinfo(slot->easy, CURLINFO_PRETRANSFER_TIME_T, &before);
    curl_easy_getinfo(slot->easy, CURLINFO_TOTAL_TIME_T, &total);
    struct network_error error = {
        .code = code,
        .detail =
            slot->headers > HEADERS_MAX ? "its headers are longer than 256 kB" : slot->curl_error,
        .connected = before > 0,
        .is_late = total / 1000 + TIMER_MS >= http_deadline(slot->message.expected),
        .seconds = (unsigned)(total / 1000000),
        .received = slot->received};
    curl_easy_getinfo(slot->easy, CURLINFO_SSL_VERIFYRESULT, &error.verification);
    curl_easy_getinfo(slot->easy, CURLINFO_HTTP_CONNECTCODE, &error.proxy_status);
    if (network_error_explain(&text, &error, slot->request->host))
        try_again(slot, text.data);
    else
        finish(slot, HTTP_FAILED, text.data, true);
    buffer_free(&text);
}

static void follow_verdict(struct slot *slot)
{
    struct buffer error = {0};
    enum http_verdict verdict = slot->request->judge(slot->request, &slot->answer, &error);
    const char *text =
        error.data ? error.data
                   : "the server's answer cannot be used; check that the endpoint is an S3 server";
    switch (verdict) {
    case HTTP_ACCEPT:
        finish(slot, HTTP_DONE, NULL, false);
        break;
    case HTTP_RETRY:
        try_again(slot, text);
        break;
    case HTTP_AGAIN:
        slot->tries--;
        start_try(slot);
        break;
    case HTTP_FAIL:
        finish(slot, HTTP_FAILED, text, false);
        break;
    case HTTP_STOP:
        finish(slot, HTTP_STOPPED, error.data, false);
        break;
    }
    buffer_free(&error);
}

static void end_try(struct slot *slot, CURLcode code)
{
    curl_off_t length = -1;
    curl_multi_remove_handle(slot->pool->multi, slot->easy);
    curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &slot->answer.status);
    curl_easy_getinfo(slot->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0)
        slot->answer.length = (uint64_t)length;
    long status = slot->answer.status;
    if (status)
        slot->request->host->answered = true;
    /* An error is understood even if its document is cut off. */
    bool is_error = status > 299;
    if (code != CURLE_OK && !slot->broken_off && !is_error)
        fail_on_network(slot, code);
    else
        follow_verdict(slot);
}

/* ---- the pool ------------------------------------------------------------------------------- */

static bool set_up(struct slot *slot, struct http_pool *pool)
{
    CURL *easy = curl_easy_init();
    slot->pool = pool;
    slot->easy = easy;
    if (!easy)
        return false;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->curl_error);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, slot);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* an object key may hold "../" */
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)HTTP_STALL_TIMEOUT_S);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "awstats-cloudfront");
    return true;
}

struct http_pool *http_pool_new(unsigned slots, struct buffer *error)
{
    struct http_pool *pool = memory_allocate(1, sizeof *pool);
    struct timespec now;
    pool->slots = memory_allocate(slots, sizeof *pool->slots);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    pool->multi = curl_multi_init();
    pool->loop = (struct http_loop){.epoll = -1, .wake = -1};
    if (!pool->multi || http_loop_open(&pool->loop, pool->multi) < 0)
        goto failed;
    /* A slot may turn from one host to another and back, as when objects move between buckets. */
    curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, 2 * (long)slots);
    while (pool->slot_count < slots)
        if (!set_up(&pool->slots[pool->slot_count++], pool))
            goto failed;
    pool->told = http_loop_now();
    clock_gettime(CLOCK_REALTIME, &now);
    pool->random[0] = (unsigned short)now.tv_nsec;
    pool->random[1] = (unsigned short)(now.tv_nsec >> 16);
    pool->random[2] = (unsigned short)now.tv_sec;
    return pool;
failed:
    buffer_add_text(error, "the network cannot be used: out of memory or of file descriptors; "
                           "raise the limits of this user or service (ulimit -v, ulimit -n)");
    http_pool_free(pool);
    return NULL;
}

bool http_pool_has_room(const struct http_pool *pool)
{
    return pool->busy < pool->slot_count;
}

bool http_pool_is_busy(const struct http_pool *pool)
{
    return pool->busy > 0;
}

void http_pool_add(struct http_pool *pool, struct http_request *request)
{
    assert(http_pool_has_room(pool) && !pool->is_ending);
    struct slot *slot = pool->slots;
    while (slot->state != IDLE)
        slot++;
    pool->busy++;
    slot->request = request;
    slot->tries = slot->sent = 0;
    slot->added = http_loop_now();
    start_try(slot);
}

void http_pool_step(struct http_pool *pool, int wait)
{
    int64_t now = http_loop_now();
    for (unsigned i = 0; i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->state == WAITING && slot->due <= now)
            start_try(slot);
        else if (slot->state == WAITING && slot->due - now < wait)
            wait = (int)(slot->due - now);
    }
    http_loop_step(&pool->loop, wait);
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

void http_pool_wake(struct http_pool *pool)
{
    http_loop_wake(&pool->loop);
}

void http_pool_cancel(struct http_pool *pool)
{
    pool->is_ending = true;
    for (unsigned i = 0; i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->state == RUNNING)
            curl_multi_remove_handle(pool->multi, slot->easy);
        if (slot->state != IDLE)
            finish(slot, HTTP_STOPPED, NULL, false);
    }
    pool->is_ending = false;
}

void http_pool_free(struct http_pool *pool)
{
    if (!pool)
        return;
    http_pool_cancel(pool);
    for (unsigned i = 0; i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];
        curl_easy_cleanup(slot->easy);
        clear_message(&slot->message);
        buffer_free(&slot->message.url);
    }
    curl_multi_cleanup(pool->multi);
    http_loop_close(&pool->loop);
    free(pool->slots);
    free(pool);
}
