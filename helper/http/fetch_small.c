#include "http/fetch_small.h"

#include <curl/curl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "http/handle.h"
#include "http/network_error.h"
#include "http/wait.h"
#include "memory/allocate.h"
#include "text/message.h"
#include "text/percent.h"
#include "text/time.h"

/* A request under way. */
struct transfer {
    struct fetch_small_response *response;
    bool is_too_long; /* more than FETCH_SMALL_MAX bytes came */
    int64_t begun;    /* when the first try began, by time_monotonic_ms() */
    bool is_noted;    /* the note that the program waits was printed */
    long time;        /* milliseconds that this try may take */
    struct buffer host;
};

static size_t take_body(char *data, size_t size, size_t count, void *user)
{
    struct transfer *transfer = user;
    struct buffer *body = &transfer->response->body;
    size *= count;
    if (size > FETCH_SMALL_MAX - body->size) {
        transfer->is_too_long = true;
        return 0;
    }
    buffer_add(body, data, size);
    return size;
}

/* Prints once, after HTTP_WAIT_NOTE_MS, what the program waits for.  libcurl calls this about once
 * a second. */
static int note(void *user, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                curl_off_t up)
{
    struct transfer *transfer = user;
    (void)down_total, (void)down, (void)up_total, (void)up;
    if (transfer->is_noted || time_monotonic_ms() - transfer->begun < HTTP_WAIT_NOTE_MS)
        return 0;
    transfer->is_noted = true;
    message_note("waiting for %s, a service of AWS", transfer->host.data);
    return 0;
}

static void set_method(CURL *easy, const struct http_message *message)
{
    if (message->method == HTTP_GET)
        return;
    if (message->method == HTTP_PUT)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PUT");
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)message->payload_size);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, message->payload ? message->payload : "");
}

static void set_up(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static CURL *make_handle(struct http_message *message, const struct fetch_small_limits *limits,
                         struct transfer *transfer, char *detail)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_up);
    CURL *easy = curl_easy_init();
    if (!easy)
        memory_exhausted();
    http_handle_set_basics(easy);
    set_method(easy, message);
    curl_easy_setopt(easy, CURLOPT_URL, message->url.data);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http_list_headers(message));
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, note);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, limits->connect_ms);
    if (limits->is_direct)
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (limits->authorities.file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, limits->authorities.file);
    return easy;
}

/* Returns where the host begins in a URL. */
static const char *find_host(const char *url)
{
    const char *host = strstr(url, "://");
    return host ? host + strlen("://") : url;
}

/* Adds the host of a URL, with its port. */
static void add_host(struct buffer *out, const char *url)
{
    const char *host = find_host(url);
    buffer_add(out, host, strcspn(host, "/?#"));
}

/* Adds one line to ERROR: why no response came.  Returns whether another try may succeed. */
static bool explain(struct buffer *error, CURL *easy, CURLcode code, const char *detail,
                    const struct http_message *message, const struct transfer *transfer,
                    const struct fetch_small_limits *limits)
{
    struct buffer origin = {0};
    bool connected = network_is_connected(easy);
    const char *url = message->url.data;
    buffer_printf(&origin, "%.*s%s", (int)(find_host(url) - url), url, transfer->host.data);
    struct http_host host = {.origin = origin.data,
                             .name = transfer->host.data,
                             .is_direct = limits->is_direct,
                             .authorities = limits->authorities};
    struct network_error network = {
        .code = code, .detail = detail, .connected = connected, .received = 0};
    bool passes = true;
    if (transfer->is_too_long)
        buffer_printf(error,
                      "%s sent more than 1 MiB, so it is not the service of AWS that was expected; "
                      "check its address",
                      host.name);
    else if (code == CURLE_OPERATION_TIMEDOUT)
        buffer_printf(error, "%s did not respond within %g s%s", host.name,
                      (double)(connected ? transfer->time : limits->connect_ms) / 1000,
                      limits->is_direct ? ""
                                        : "; check the network, or run the command again later");
    else if (limits->is_direct && code == CURLE_COULDNT_CONNECT)
        buffer_printf(error, "%s cannot be reached", host.name);
    else if (limits->is_direct && code == CURLE_COULDNT_RESOLVE_HOST)
        buffer_printf(error, "%s: no such host, or no network; check this address and the network",
                      host.name);
    else
        passes = network_error_explain(error, &network, &host);
    buffer_free(&origin);
    return passes && !transfer->is_too_long;
}

/* Returns the pause before a try that is not the first one, in milliseconds. */
static long find_pause(unsigned try, const struct fetch_small_limits *limits)
{
    return limits->pause_ms << (try - 1);
}

/* Returns the milliseconds that must be left for another try. */
static long find_least(const struct fetch_small_limits *limits)
{
    return limits->whole_ms < limits->all_ms / 3 ? limits->whole_ms : limits->all_ms / 3;
}

/* Whether there is time for another try. */
static bool is_in_time(unsigned try, const struct transfer *transfer,
                       const struct fetch_small_limits *limits)
{
    int64_t elapsed = time_monotonic_ms() - transfer->begun;
    return !limits->all_ms ||
           elapsed + find_pause(try, limits) + find_least(limits) <= limits->all_ms;
}

/* Sets the time of a try, which is never more than all tries have left.  That rest is cut to whole
 * seconds, since a message may name it. */
static void set_time(CURL *easy, struct transfer *transfer, const struct fetch_small_limits *limits)
{
    int64_t left = limits->all_ms - (time_monotonic_ms() - transfer->begun);
    left -= left > 1000 ? left % 1000 : 0;
    transfer->time = limits->all_ms && left < limits->whole_ms ? (long)left : limits->whole_ms;
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, transfer->time > 0 ? transfer->time : 1);
}

static void pause_for(long wait)
{
    struct timespec time = {wait / 1000, wait % 1000 * 1000000};
    while (nanosleep(&time, &time) < 0)
        ;
}

bool fetch_small(struct http_message *message, const struct fetch_small_limits *limits,
                 struct fetch_small_response *response, struct buffer *error)
{
    char detail[CURL_ERROR_SIZE] = "";
    struct buffer reason = {0};
    struct transfer transfer = {.response = response, .begun = time_monotonic_ms()};
    CURL *easy = make_handle(message, limits, &transfer, detail);
    CURLcode code = CURLE_OK;
    response->body.is_secret = true; /* it may have keys */
    add_host(&transfer.host, message->url.data);
    for (unsigned try = 0; try < limits->tries && (!try || is_in_time(try, &transfer, limits));
         try++) {
        if (try)
            pause_for(find_pause(try, limits));
        buffer_clear(&response->body);
        buffer_add(&response->body, "", 0);
        buffer_clear(&reason);
        transfer.is_too_long = false;
        *detail = '\0';
        set_time(easy, &transfer, limits);
        code = curl_easy_perform(easy);
        response->status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response->status);
        bool passes = code ? explain(&reason, easy, code, detail, message, &transfer, limits)
                           : response->status >= 500 || response->status == 429;
        if (!passes)
            break;
    }
    response->is_stalled = code == CURLE_OPERATION_TIMEDOUT && network_is_connected(easy);
    if (code)
        buffer_add(error, reason.data, reason.size);
    curl_easy_cleanup(easy);
    buffer_free(&reason);
    buffer_free(&transfer.host);
    http_free_message(message);
    return !code;
}

void fetch_small_clear(struct fetch_small_response *response)
{
    buffer_free(&response->body);
    *response = (struct fetch_small_response){0};
}

void fetch_small_encode(struct buffer *out, const char *text)
{
    percent_encode(out, text, percent_is_unreserved);
}
