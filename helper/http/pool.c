#include "http/pool.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/deadline.h"
#include "http/handle.h"
#include "http/header.h"
#include "http/loop.h"
#include "http/network_error.h"
#include "http/retries.h"
#include "http/window.h"
#include "memory/allocate.h"
#include "text/message.h"
#include "text/time.h"

/* Bytes of the headers of a try: of the response, and of those before it (status 1xx, a
 * proxy's). */
enum { HEADERS_MAX = 256 * 1024 };

enum state { IDLE, RUNNING, WAITING, JUDGING };

static const struct http_response no_response = {.length = HTTP_LENGTH_UNKNOWN, .retry_after = -1};

/* One request under way, with a curl handle that is used over and over. */
struct slot {
    struct http_pool *pool;
    CURL *easy;
    enum state state;
    struct http_request *request;
    unsigned tries, sent; /* sent: also the tries that do not count */
    int64_t added;        /* when the request came; all times by time_monotonic_ms() */
    int64_t began;        /* RUNNING: when the try started */
    int64_t due;          /* WAITING: when the next try starts, if the window has room */
    bool needs_token;     /* WAITING: the next try takes a token (http/retries.h) */
    int64_t failed;       /* when the first try failed */
    struct http_message message;
    struct http_response response;
    uint64_t received; /* bytes of the body */
    size_t headers;    /* bytes of the headers */
    bool is_late;      /* the bytes come too slowly (http/deadline.h) */
    bool broken_off;   /* take() of the request returned false */
    bool tries_are_over;
    char curl_error[CURL_ERROR_SIZE];
};

struct http_pool {
    CURLM *multi;
    struct http_loop loop;
    int64_t told;   /* when the last note was printed, a request was done, or the pool was made */
    bool is_ending; /* in http_pool_cancel(): no request may be added */
    struct http_names names;
    struct window window;
    struct retries retries;
    struct slot *slots;
    unsigned slot_count, busy, running, judging;
    unsigned max; /* requests that are not JUDGING; there are twice as many slots */
    bool has_due; /* only the window kept a WAITING slot from starting, in the last step */
};

/* ---- a response comes ------------------------------------------------------------------------ */

static size_t take_header(char *line, size_t size, size_t count, void *user)
{
    (void)size;
    struct slot *slot = user;
    struct http_header header;
    slot->headers += count;
    if (slot->headers > HEADERS_MAX)
        return 0;
    if (slot->response.status)
        return count; /* a trailer, behind the body */
    if (http_header_is_status(line, count)) {
        slot->response = no_response;
        header = (struct http_header){0};
    } else if (http_header_split(&header, line, count)) {
        http_header_read(&header, &slot->response);
    } else {
        return count;
    }
    if (slot->request->header)
        slot->request->header(slot->request, header.name, header.value);
    return count;
}

static size_t take_body(char *data, size_t size, size_t count, void *user)
{
    (void)size;
    struct slot *slot = user;
    if (!slot->response.status)
        curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &slot->response.status);
    slot->received += count;
    slot->is_late = time_monotonic_ms() - slot->began > http_deadline(slot->received);
    if (slot->is_late)
        return CURL_WRITEFUNC_ERROR;
    slot->broken_off = !slot->request->take(slot->request, &slot->response, data, count);
    return slot->broken_off ? CURL_WRITEFUNC_ERROR : count;
}

/* ---- a try begins and ends ------------------------------------------------------------------ */

static void leave_state(struct slot *slot)
{
    slot->pool->running -= slot->state == RUNNING;
    slot->pool->judging -= slot->state == JUDGING;
    slot->state = IDLE;
}

/* Ends the request.  Its slot is free before done() is called, which may add another request. */
static void finish(struct slot *slot, enum http_result result, const char *error, bool unreachable)
{
    struct http_request *request = slot->request;
    struct http_outcome outcome = {.result = result,
                                   .error = error,
                                   .unreachable = unreachable,
                                   .tries_are_over = slot->tries_are_over,
                                   .tries = slot->sent,
                                   .milliseconds = time_monotonic_ms() - slot->added};
    struct http_response response = slot->response;
    leave_state(slot);
    slot->request = NULL;
    slot->pool->busy--;
    if (result == HTTP_DONE) {
        slot->pool->told = time_monotonic_ms();
        retries_succeeded(&slot->pool->retries);
    }
    request->done(request, &response, &outcome);
}

static void start_try(struct slot *slot)
{
    struct buffer error = {0};
    slot->tries++;
    slot->sent++;
    slot->response = no_response;
    slot->received = slot->headers = 0;
    slot->broken_off = slot->is_late = false;
    slot->curl_error[0] = '\0';
    slot->began = time_monotonic_ms();
    window_started(&slot->pool->window, slot->pool->running, slot->began);
    slot->state = RUNNING;
    slot->pool->running++;
    http_clear_message(&slot->message);
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
    http_handle_set_message(slot->easy, &slot->message);
    curl_easy_setopt(slot->easy, CURLOPT_TIMEOUT_MS, http_deadline(slot->message.expected));
    http_handle_set_authorities(slot->easy, slot->request->host);
    if (curl_multi_add_handle(slot->pool->multi, slot->easy) != CURLM_OK)
        memory_exhausted();
out:
    buffer_free(&error);
}

/* Prints that a try has failed: with -v always, else once in HTTP_SILENCE_MAX_MS. */
static void note_retry(struct slot *slot, const char *error, int64_t delay)
{
    struct http_pool *pool = slot->pool;
    const char *name = slot->request->name;
    double seconds = (double)delay / 1000;
    int64_t now = time_monotonic_ms();
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
    struct http_pool *pool = slot->pool;
    enum retry_reason reason =
        retries_reason(slot->response.status, slot->request->host->responded);
    int64_t now = time_monotonic_ms();
    if (slot->request->has_progress)
        slot->tries = 1;
    if (slot->tries == 1)
        slot->failed = now;
    if (retries_is_too_long(slot->response.retry_after) ||
        retries_are_over(reason, slot->request->host->tries, slot->tries, slot->failed, now)) {
        struct buffer text = {0};
        buffer_add_text(&text, error);
        retries_add_end(&text, slot->tries, slot->response.retry_after);
        slot->tries_are_over = true;
        finish(slot, HTTP_FAILED, text.data, false);
        buffer_free(&text);
        return;
    }
    int64_t delay = retries_delay(&pool->retries, slot->tries, slot->response.retry_after);
    note_retry(slot, error, delay);
    leave_state(slot);
    slot->due = now + delay;
    slot->needs_token = reason != RETRY_REFUSED;
    slot->state = WAITING;
}

/* Tells the window how the store has responded to a try.  Status 500 is no refusal: it may concern
 * only one object. */
static void tell_window(struct slot *slot)
{
    struct window *window = &slot->pool->window;
    long status = slot->response.status;
    enum retry_reason reason = retries_reason(status, slot->request->host->responded);
    int64_t now = time_monotonic_ms();
    if (reason == RETRY_REFUSED)
        window_refused(window, slot->began, now, HTTP_FIRST_DELAY_MS);
    else if (reason == RETRY_OUTAGE && status != 500)
        window_refused(window, slot->began, now, 0);
    else
        window_responded(window, slot->began, now, slot->received);
}

/* Tries again after a try without a whole response, or ends the request if the error will not
 * pass. */
static void fail_on_network(struct slot *slot, CURLcode code)
{
    struct buffer text = {0};
    struct network_error error = {.code = slot->is_late ? CURLE_OPERATION_TIMEDOUT : code,
                                  .detail = slot->headers > HEADERS_MAX
                                                ? "its headers are longer than 256 kB"
                                                : slot->curl_error,
                                  .is_late = slot->is_late,
                                  .received = slot->received};
    network_error_read(&error, slot->easy, http_deadline(slot->message.expected));
    if (network_error_explain(&text, &error, slot->request->host))
        try_again(slot, text.data);
    else
        finish(slot, HTTP_FAILED, text.data, true);
    buffer_free(&text);
}

static void follow_verdict(struct slot *slot)
{
    struct buffer error = {0};
    enum http_verdict verdict = slot->request->judge(slot->request, &slot->response, &error);
    const char *text =
        error.data
            ? error.data
            : "the server's response cannot be used; check that the endpoint is an S3 server";
    switch (verdict) {
    case HTTP_ACCEPT:
        finish(slot, HTTP_DONE, NULL, false);
        break;
    case HTTP_RETRY:
        try_again(slot, text);
        break;
    case HTTP_LATER:
        if (slot->state == JUDGING)
            break;
        leave_state(slot);
        slot->state = JUDGING;
        slot->pool->judging++;
        break;
    case HTTP_AGAIN:
        slot->tries--;
        leave_state(slot);
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
    curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &slot->response.status);
    curl_easy_getinfo(slot->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0)
        slot->response.length = (uint64_t)length;
    long status = slot->response.status;
    tell_window(slot);
    if (status)
        slot->request->host->responded = true;
    /* An error is understood even if its document is cut off. */
    bool is_error = status > 299;
    if (code != CURLE_OK && !slot->broken_off && !is_error)
        fail_on_network(slot, code);
    else
        follow_verdict(slot);
}

/* ---- the pool ------------------------------------------------------------------------------- */

/* Makes the handle of a slot, when a request needs the slot for the first time. */
static void set_up(struct slot *slot)
{
    struct http_pool *pool = slot->pool;
    CURL *easy = http_handle_new(&pool->names, (unsigned)(slot - pool->slots));
    slot->easy = easy;
    if (!easy)
        memory_exhausted();
    http_loop_attach(&pool->loop, easy);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->curl_error);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, slot);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot);
}

struct http_pool *http_pool_new(unsigned slots, struct buffer *error)
{
    struct http_pool *pool = memory_allocate(1, sizeof *pool);
    struct timespec now;
    pool->max = slots;
    pool->slots = memory_allocate(2 * (size_t)slots, sizeof *pool->slots);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    pool->multi = curl_multi_init();
    pool->loop = (struct http_loop){.epoll = -1, .wake = -1};
    if (!http_names_open(&pool->names) || !pool->multi ||
        http_loop_open(&pool->loop, pool->multi) < 0)
        goto failed;
    /* Requests of two hosts may alternate in a slot, as when objects move between buckets. */
    curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, 2 * (long)slots);
    for (; pool->slot_count < 2 * slots; pool->slot_count++)
        pool->slots[pool->slot_count].pool = pool;
    pool->told = time_monotonic_ms();
    window_init(&pool->window, slots, pool->told);
    clock_gettime(CLOCK_REALTIME, &now);
    retries_init(&pool->retries, pool->told, (uint64_t)now.tv_nsec + (uint64_t)now.tv_sec);
    return pool;
failed:
    buffer_add_text(error, "the network cannot be used: out of memory or of file descriptors; "
                           "raise the limits of this user or service (ulimit -v, ulimit -n)");
    http_pool_free(pool);
    return NULL;
}

static bool may_start(const struct http_pool *pool)
{
    return window_may_start(&pool->window, pool->running, time_monotonic_ms());
}

bool http_pool_has_room(const struct http_pool *pool)
{
    return pool->busy < pool->slot_count && pool->busy - pool->judging < pool->max &&
           !pool->has_due && may_start(pool);
}

bool http_pool_is_busy(const struct http_pool *pool)
{
    return pool->busy > 0;
}

void http_pool_add(struct http_pool *pool, struct http_request *request)
{
    assert(pool->busy < pool->slot_count && !pool->is_ending);
    struct slot *slot = pool->slots;
    while (slot->state != IDLE)
        slot++;
    pool->busy++;
    if (!slot->easy)
        set_up(slot);
    slot->request = request;
    slot->tries = slot->sent = 0;
    slot->tries_are_over = false;
    slot->added = time_monotonic_ms();
    if (may_start(pool)) {
        start_try(slot);
        return;
    }
    slot->state = WAITING;
    slot->due = slot->added;
    slot->needs_token = false;
    pool->has_due = true;
}

/* Returns when a waiting request can start; TOKEN is the time at which a token can be taken. */
static int64_t find_due(const struct slot *slot, int64_t token)
{
    return slot->needs_token && token > slot->due ? token : slot->due;
}

/* Returns the waiting request that can start first, with the time in DUE; NULL when none waits. */
static struct slot *find_first_due(struct http_pool *pool, int64_t now, int64_t *due)
{
    struct slot *first = NULL;
    int64_t token = now + retries_token_wait(&pool->retries, now);
    for (unsigned i = 0; pool->busy > pool->running + pool->judging && i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->state != WAITING || (first && find_due(slot, token) >= *due))
            continue;
        first = slot;
        *due = find_due(slot, token);
    }
    return first;
}

/* Starts the requests that wait and are due, as far as the window has room.  Returns the
 * milliseconds, at most WAIT, until time lets another one start. */
static int start_due(struct http_pool *pool, int wait)
{
    struct slot *slot;
    int64_t now = time_monotonic_ms(), due;
    while ((slot = find_first_due(pool, now, &due)) && due <= now && may_start(pool)) {
        if (slot->needs_token)
            retries_take_token(&pool->retries, now);
        start_try(slot);
    }
    pool->has_due = slot && due <= now;
    int64_t next = window_wait(&pool->window, pool->running, now);
    if (next > 0 && next < wait)
        wait = (int)next;
    if (slot && due > now && due - now < wait)
        wait = (int)(due - now);
    return wait;
}

void http_pool_step(struct http_pool *pool, int wait)
{
    wait = start_due(pool, wait);
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
    for (unsigned i = 0; pool->judging && i < pool->slot_count; i++)
        if (pool->slots[i].state == JUDGING)
            follow_verdict(&pool->slots[i]);
}

void http_pool_wake(struct http_pool *pool)
{
    http_loop_wake(&pool->loop);
}

static void cancel(struct slot *slot)
{
    if (slot->state == RUNNING)
        curl_multi_remove_handle(slot->pool->multi, slot->easy);
    if (slot->state != IDLE)
        finish(slot, HTTP_STOPPED, NULL, false);
}

void http_pool_cancel_request(struct http_pool *pool, const struct http_request *request)
{
    for (unsigned i = 0; i < pool->slot_count; i++)
        if (pool->slots[i].request == request) {
            cancel(&pool->slots[i]);
            return;
        }
}

void http_pool_cancel(struct http_pool *pool)
{
    pool->is_ending = true;
    for (unsigned i = 0; i < pool->slot_count; i++)
        cancel(&pool->slots[i]);
    pool->is_ending = pool->has_due = false;
}

void http_pool_free(struct http_pool *pool)
{
    if (!pool)
        return;
    http_pool_cancel(pool);
    for (unsigned i = 0; i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];
        curl_easy_cleanup(slot->easy);
        http_free_message(&slot->message);
    }
    curl_multi_cleanup(pool->multi);
    http_names_close(&pool->names);
    http_loop_close(&pool->loop);
    free(pool->slots);
    free(pool);
}
