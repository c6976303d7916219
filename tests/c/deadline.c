/* A server that sends only a byte from time to time: the try ends at its deadline, which depends on the size of the
 * response.  The test sets the clock forward. */
#include "http/deadline.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "http/pool.h"
#include "loopback_server.h"
#include "tap.h"
#include "text/message.h"

enum { STEP_S = 5 }; /* by which each part of a response sets the clock forward */

static _Atomic time_t ahead; /* seconds that the monotonic clock is set forward */

/* For libcurl, too. */
__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW)
        now->tv_sec += ahead;
    return result;
}

/* Sends each connection some bytes now and then, until the client leaves. */
static void *serve(void *argument)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
    static const char part[8 * 1024];
    const struct timespec pause = {.tv_nsec = 10000000};
    int listener = *(int *)argument, fd;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        char input[4096];
        ssize_t got = read(fd, input, sizeof input - 1);
        input[got > 0 ? got : 0] = '\0';
        size_t size = strstr(input, "/fast") ? sizeof part : 200;
        if (got > 0 && send(fd, head, sizeof head - 1, MSG_NOSIGNAL) > 0)
            while (send(fd, part, size, MSG_NOSIGNAL) > 0)
                nanosleep(&pause, NULL);
        close(fd);
    }
    return NULL;
}

struct probe {
    struct http_request request;
    const char *path;
    uint64_t expected;
    unsigned tries, bytes, done;
};

static enum http_verdict prepare(struct http_request *request, struct http_message *message,
                                 struct buffer *error)
{
    struct probe *probe = request->user;
    (void)error;
    probe->tries++;
    buffer_printf(&message->url, "%s%s", request->host->origin, probe->path);
    message->expected = probe->expected;
    return HTTP_ACCEPT;
}

static bool take(struct http_request *request, const struct http_response *response,
                 const void *data, size_t size)
{
    struct probe *probe = request->user;
    (void)response, (void)data;
    probe->bytes += (unsigned)size;
    ahead += STEP_S;
    return true;
}

static enum http_verdict judge(struct http_request *request, const struct http_response *response,
                               struct buffer *error)
{
    (void)request, (void)response, (void)error;
    return HTTP_ACCEPT;
}

static void done(struct http_request *request, const struct http_response *response,
                 const struct http_outcome *outcome)
{
    struct probe *probe = request->user;
    (void)response;
    probe->done += outcome->result == HTTP_STOPPED;
}

/* Runs the first try of a request.  Adds the message about its end to TEXT. */
static void run(struct http_pool *pool, struct probe *probe, struct buffer *text)
{
    FILE *file = tmpfile();
    char line[1024] = "";
    probe->request.user = probe;
    message_set_level(MESSAGE_VERBOSE);
    message_set_descriptor(fileno(file));
    http_pool_add(pool, &probe->request);
    while (probe->tries < 2)
        http_pool_step(pool, 100);
    http_pool_cancel(pool);
    fseek(file, 0, SEEK_SET);
    while (fgets(line, sizeof line, file))
        buffer_add_text(text, line);
    fclose(file);
    message_set_level(MESSAGE_NORMAL);
    message_set_descriptor(STDERR_FILENO);
}

int main(void)
{
    struct loopback_server server;
    struct buffer error = {0};
    if (!loopback_server_start(&server, serve))
        return 1;

    ok(http_deadline(0) == HTTP_DEADLINE_S * 1000L, "the least: %ld ms", http_deadline(0));
    ok(http_deadline(1 << 20) == (HTTP_DEADLINE_S + 1024) * 1000L, "of a megabyte");
    ok(http_deadline(UINT64_MAX) == INT_MAX, "the most");

    struct http_host host = {.origin = server.origin, .name = server.origin + strlen("http://")};
    struct http_pool *pool = http_pool_new(1, &error);
    const struct http_request request = {
        .host = &host, .name = "/", .prepare = prepare, .take = take, .judge = judge, .done = done};
    struct probe probe = {.request = request, .path = "/"};
    struct probe large = {.request = request, .path = "/fast", .expected = 100 * 1024};
    struct probe claimed = {.request = request, .path = "/", .expected = UINT64_MAX / 2};
    struct buffer text = {0};
    run(pool, &probe, &text);
    ok(strstr(text.data, " sent only ") && strstr(text.data, "; check the network; trying again"),
       "after %u bytes: %s", probe.bytes, text.data);
    ok(probe.done == 1 && !http_pool_is_busy(pool), "the pool's requests are ended");
    run(pool, &large, &text);
    ok(large.bytes > HTTP_DEADLINE_S * HTTP_SLOWEST, "a larger response may take longer: %u bytes",
       large.bytes);
    run(pool, &claimed, &text);
    ok(claimed.bytes <= 2 * probe.bytes, "one that is only said to be larger may not: %u bytes",
       claimed.bytes);
    buffer_free(&text);

    http_pool_free(pool);
    loopback_server_stop(&server);
    return done_testing();
}
