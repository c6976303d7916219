/* The loop of a pool: a connection is registered with epoll once, however many requests it has.  After its end it
 * is not registered any more, because another connection may get its descriptor. */
#include "http/loop.h"

#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "http/pool.h"
#include "loopback_server.h"
#include "tap.h"

enum { REQUESTS = 10 };

static unsigned added, changed, deleted; /* calls of epoll_ctl() */
static atomic_uint connections;          /* that the server has accepted */

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    added += operation == EPOLL_CTL_ADD;
    changed += operation == EPOLL_CTL_MOD;
    deleted += operation == EPOLL_CTL_DEL;
    return (int)syscall(SYS_epoll_ctl, epoll, operation, fd, event);
}

/* Answers requests.  Closes the connection after the path "/last", and after "/close", whose response announces
 * this. */
static void *serve(void *argument)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    static const char closing[] =
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    int listener = *(int *)argument, fd;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        char head[4096];
        connections++;
        bool goes_on = true;
        while (goes_on) {
            loopback_server_read_head(fd, head, sizeof head);
            bool is_told = strstr(head, " /close ");
            const char *response = is_told ? closing : text;
            goes_on = *head && write(fd, response, strlen(response)) > 0 && !is_told &&
                      !strstr(head, " /last ");
        }
        close(fd);
    }
    return NULL;
}

static const char *path;
static unsigned done_count;

static enum http_verdict prepare(struct http_request *request, struct http_message *message,
                                 struct buffer *error)
{
    (void)error;
    buffer_printf(&message->url, "%s%s", request->host->origin, path);
    return HTTP_ACCEPT;
}

static bool take(struct http_request *request, const struct http_response *response,
                 const void *data, size_t size)
{
    (void)request, (void)response, (void)data, (void)size;
    return true;
}

static enum http_verdict judge(struct http_request *request, const struct http_response *response,
                               struct buffer *error)
{
    (void)request, (void)error;
    return response->status == 200 ? HTTP_ACCEPT : HTTP_FAIL;
}

static void done(struct http_request *request, const struct http_response *response,
                 const struct http_outcome *outcome)
{
    (void)request, (void)response;
    done_count += outcome->result == HTTP_DONE;
}

/* Runs one request to its end. */
static void run(struct http_pool *pool, struct http_host *host, const char *to)
{
    struct http_request request = {
        .host = host, .name = to, .prepare = prepare, .take = take, .judge = judge, .done = done};
    path = to;
    http_pool_add(pool, &request);
    while (http_pool_is_busy(pool))
        http_pool_step(pool, 1000);
}

int main(void)
{
    struct loopback_server server;
    struct buffer error = {0};
    if (!loopback_server_start(&server, serve))
        return 1;
    struct http_host host = {.origin = server.origin, .name = server.origin + strlen("http://")};
    struct http_pool *pool = http_pool_new(1, &error);
    if (!ok(pool != NULL, "a pool"))
        return done_testing();

    added = 0;
    for (int i = 0; i < REQUESTS; i++)
        run(pool, &host, "/");
    ok(done_count == REQUESTS && connections == 1, "%u requests done, by %u connection", done_count,
       connections);
    ok(added == 1 && deleted == 0, "the connection is registered once");
    ok(changed <= 2, "and its events change while it is made: %u times", changed);

    /* An event while no request waits removes the connection from epoll, so the loop does not spin. */
    run(pool, &host, "/last");
    while (!deleted)
        http_pool_step(pool, 1000);
    ok(deleted == 1, "a connection that the server closes");
    for (int i = 0; i < REQUESTS; i++) {
        run(pool, &host, "/last");
        run(pool, &host, "/");
        run(pool, &host, "/close");
    }
    ok(done_count == 1 + 4 * REQUESTS && connections >= 1 + 2 * REQUESTS,
       "%u requests done, by %u connections", done_count, connections);
    ok(added == connections, "each connection is registered once");
    http_pool_free(pool);
    loopback_server_stop(&server);
    buffer_free(&error);
    return done_testing();
}
