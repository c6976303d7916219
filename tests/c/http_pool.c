/* The pool without S3: retries, verdicts, the retry policy, stopping.  The server answers each path by another
 * rule. */
#include "http/pool.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "http/header.h"
#include "http/retries.h"
#include "loopback_server.h"
#include "tap.h"

static unsigned busy_times; /* requests for /busy; only the server uses this */

static time_t ahead; /* seconds that the monotonic clock is set forward */

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_MONOTONIC)
        now->tv_sec += ahead;
    return result;
}

/* Responds to one request; the form of PATH says how. */
static void respond(int fd, const char *path)
{
    static const char ok_response[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Test: yes\r\n"
                                      "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nhello";
    static const char busy[] = "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n";
    static const char closed[] =
        "HTTP/1.1 503 Closed\r\nRetry-After: 259200\r\nContent-Length: 0\r\n\r\n";
    static const char cut[] = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello";
    static const char missing[] = "HTTP/1.1 404 Not found\r\nContent-Length: 2\r\n\r\nno";
    const char *text = !strncmp(path, "/busy", 5)      ? (++busy_times % 3 ? busy : ok_response)
                       : !strncmp(path, "/closed", 7)  ? closed
                       : !strncmp(path, "/cut", 4)     ? cut
                       : !strncmp(path, "/missing", 8) ? missing
                                                       : ok_response;
    ssize_t ignored = write(fd, text, strlen(text));
    (void)ignored;
}

static void *serve(void *argument)
{
    int listener = *(int *)argument, fd;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        char head[4096], path[64] = "";
        loopback_server_read_head(fd, head, sizeof head);
        if (sscanf(head, "%*s %63s", path) == 1)
            respond(fd, path);
        close(fd);
    }
    return NULL;
}

/* A request as the test sees it. */
struct probe {
    struct http_request request;
    const char *path;
    unsigned prepared, again;   /* AGAIN: how many tries to repeat at once */
    bool refuses, stops, waits; /* waits: for its verdict */
    char body[64], header[16];
    struct http_outcome outcome;
    struct http_response response;
    struct buffer error;
    unsigned done;
};

static enum http_verdict prepare(struct http_request *request, struct http_message *message,
                                 struct buffer *error)
{
    struct probe *probe = request->user;
    (void)error;
    probe->prepared++;
    probe->body[0] = '\0';
    buffer_printf(&message->url, "%s%s", request->host->origin, probe->path);
    http_add_header(message, "X-Test", "yes");
    return HTTP_ACCEPT;
}

static void header(struct http_request *request, const char *name, const char *value)
{
    struct probe *probe = request->user;
    if (!name)
        probe->header[0] = '\0';
    else if (!strcmp(name, "X-Test"))
        snprintf(probe->header, sizeof probe->header, "%.15s", value);
}

static bool take(struct http_request *request, const struct http_response *response,
                 const void *data, size_t size)
{
    struct probe *probe = request->user;
    (void)response;
    strncat(probe->body, data, size);
    return !probe->refuses;
}

static enum http_verdict judge(struct http_request *request, const struct http_response *response,
                               struct buffer *error)
{
    struct probe *probe = request->user;
    if (probe->waits)
        return HTTP_LATER;
    if (probe->stops)
        return HTTP_STOP;
    if (probe->again && probe->again--)
        return HTTP_AGAIN;
    if (response->status == 200 && !probe->refuses)
        return HTTP_ACCEPT;
    buffer_printf(error, "status %ld", response->status);
    return response->status == 503 ? HTTP_RETRY : HTTP_FAIL;
}

static void done(struct http_request *request, const struct http_response *response,
                 const struct http_outcome *outcome)
{
    struct probe *probe = request->user;
    probe->done++;
    probe->response = *response;
    probe->outcome = *outcome;
    buffer_add_text(&probe->error, outcome->error ? outcome->error : "");
}

static void add(struct http_pool *pool, struct http_host *host, struct probe *probe)
{
    probe->request = (struct http_request){.host = host,
                                           .name = probe->path,
                                           .user = probe,
                                           .prepare = prepare,
                                           .header = header,
                                           .take = take,
                                           .judge = judge,
                                           .done = done};
    http_pool_add(pool, &probe->request);
}

static void run(struct http_pool *pool, struct http_host *host, struct probe *probe)
{
    add(pool, host, probe);
    while (http_pool_is_busy(pool))
        http_pool_step(pool, 1000);
}

/* The verdict on a response comes later: meanwhile the pool has room for other requests. */
static void test_later(struct http_host *host)
{
    struct buffer error = {0};
    struct http_pool *pool = http_pool_new(1, &error);
    struct probe late = {.path = "/plain", .waits = true}, other = {.path = "/plain"};
    struct probe never = {.path = "/plain", .waits = true};
    add(pool, host, &late);
    ok(!http_pool_has_room(pool), "no room beside a request that is under way");
    while (!http_pool_has_room(pool))
        http_pool_step(pool, 1000);
    add(pool, host, &other);
    while (!other.done)
        http_pool_step(pool, 1000);
    ok(other.outcome.result == HTTP_DONE && !late.done, "another request is done meanwhile");
    late.waits = false;
    http_pool_wake(pool);
    http_pool_step(pool, 60000);
    ok(late.done && late.outcome.result == HTTP_DONE && late.prepared == 1,
       "the verdict comes: the request is done");

    add(pool, host, &never);
    while (!http_pool_has_room(pool))
        http_pool_step(pool, 1000);
    http_pool_cancel(pool);
    ok(never.done == 1 && never.outcome.result == HTTP_STOPPED && !http_pool_is_busy(pool),
       "a request that is ended before its verdict");
    http_pool_free(pool);
    buffer_free(&late.error);
    buffer_free(&other.error);
    buffer_free(&never.error);
}

/* Runs a request that fails twice, and returns whether a note was printed. */
static bool is_noted(struct http_pool *pool, struct http_host *host)
{
    struct probe busy = {.path = "/busy"};
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    run(pool, host, &busy);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    bool is = lseek(fileno(file), 0, SEEK_END) > 0;
    close(saved);
    fclose(file);
    buffer_free(&busy.error);
    return is;
}

int main(void)
{
    struct loopback_server server;
    struct buffer error = {0};
    if (!loopback_server_start(&server, serve))
        return 1;
    struct http_host host = {.origin = server.origin, .name = server.origin + strlen("http://")};
    struct http_pool *pool = http_pool_new(2, &error);
    if (!ok(pool != NULL, "a pool"))
        return done_testing();

    struct probe plain = {.path = "/plain"};
    run(pool, &host, &plain);
    ok(plain.outcome.result == HTTP_DONE && plain.done == 1 && host.responded, "a request is done");
    is_text(plain.body, strlen(plain.body), "hello", "its body");
    is_text(plain.header, strlen(plain.header), "yes", "a header");
    ok(plain.response.status == 200 && plain.response.length == 5 &&
           http_header_date(plain.response.date) == 784111777,
       "status, length and times");

    struct probe again = {.path = "/again", .again = 2};
    run(pool, &host, &again);
    ok(again.outcome.result == HTTP_DONE && again.prepared == 3, "another try at once: %u tries",
       again.prepared);

    struct probe busy = {.path = "/busy"};
    run(pool, &host, &busy);
    ok(busy.outcome.result == HTTP_DONE && busy.prepared == 3, "a busy server: %u tries",
       busy.prepared);

    struct probe closed = {.path = "/closed"};
    run(pool, &host, &closed);
    ok(closed.outcome.result == HTTP_FAILED && closed.prepared == 1 && !closed.outcome.unreachable,
       "a pause of days is not waited for: %u tries", closed.prepared);
    is_text(closed.error.data, closed.error.size,
            "status 503; the server asks for a pause of 259200 s; run the command again after that "
            "(tried 1 time)",
            "its error");

    struct probe missing = {.path = "/missing"};
    run(pool, &host, &missing);
    ok(missing.outcome.result == HTTP_FAILED && missing.prepared == 1 &&
           !missing.outcome.unreachable,
       "a failure is not tried again");
    is_text(missing.error.data, missing.error.size, "status 404", "its error is the judge's");

    struct probe refused = {.path = "/plain", .refuses = true};
    run(pool, &host, &refused);
    ok(refused.outcome.result == HTTP_FAILED, "a body that is broken off is judged");

    struct probe stopped = {.path = "/plain", .stops = true};
    run(pool, &host, &stopped);
    ok(stopped.outcome.result == HTTP_STOPPED, "a request that stops");

    test_later(&host);

    /* The pool itself retries only after a cut connection.  With the real delays, this takes 12 s. */
    struct probe cut = {.path = "/cut"};
    run(pool, &host, &cut);
    ok(cut.outcome.result == HTTP_FAILED && cut.prepared == HTTP_TRIES, "cut off: %u tries",
       cut.prepared);
    char want[128];
    snprintf(want, sizeof want,
             "the response was cut off after 5 bytes; check the network to %s (tried 7 times)",
             host.name);
    is_text(cut.error.data, cut.error.size, want, "its error");

    /* The pool prints a note about failing tries only if no request was done for a long time. */
    ahead += 2 * HTTP_SILENCE_MAX_MS / 1000;
    struct probe quiet = {.path = "/plain"};
    run(pool, &host, &quiet);
    ok(!is_noted(pool, &host), "no note of tries that fail after a request that was done");
    ahead += 2 * HTTP_SILENCE_MAX_MS / 1000;
    ok(is_noted(pool, &host), "a note when nothing was done for long");

    /* A host that has never responded fails at once, and for all requests. */
    loopback_server_stop(&server);
    struct http_host unknown = {.origin = host.origin, .name = host.name};
    struct probe nobody = {.path = "/plain"};
    run(pool, &unknown, &nobody);
    ok(nobody.outcome.result == HTTP_FAILED && nobody.prepared == 1 && nobody.outcome.unreachable,
       "nobody listens: %s", nobody.error.data);

    /* A pool that is freed ends its requests. */
    struct probe pending = {.path = "/plain"};
    pending.request = nobody.request;
    pending.request.user = &pending;
    pending.request.host = &host;
    http_pool_add(pool, &pending.request);
    http_pool_wake(pool);
    http_pool_free(pool);
    ok(pending.done == 1 && pending.outcome.result == HTTP_STOPPED, "a pool that is freed");

    struct probe *all[] = {&closed,  &plain, &again, &busy,   &missing, &refused,
                           &stopped, &cut,   &quiet, &nobody, &pending};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buffer_free(&all[i]->error);
    buffer_free(&error);
    return done_testing();
}
