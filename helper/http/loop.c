#include "http/loop.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "memory/allocate.h"
#include "text/time.h"

enum { EVENTS = 16, FIRST_PLACES = 64 };

/* Returns the entry of a socket, valid until the next call. */
static struct http_watched *find(struct http_loop *loop, curl_socket_t socket)
{
    size_t place = (size_t)socket, count = loop->watched_count;
    if (place >= count) {
        loop->watched_count = 2 * place + FIRST_PLACES;
        loop->watched = memory_resize(loop->watched, loop->watched_count, sizeof *loop->watched);
        memset(loop->watched + count, 0, (loop->watched_count - count) * sizeof *loop->watched);
    }
    return &loop->watched[place];
}

static void unregister(struct http_loop *loop, curl_socket_t socket)
{
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, socket, NULL);
    find(loop, socket)->registered = 0;
}

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *known)
{
    (void)easy, (void)known;
    struct http_loop *loop = user;
    struct http_watched *watched = find(loop, socket);
    watched->is_wanted = what != CURL_POLL_REMOVE;
    if (what == CURL_POLL_REMOVE) {
        if (!watched->is_connection)
            unregister(loop, socket);
        return 0;
    }
    struct epoll_event event = {.data.fd = socket};
    if (what & CURL_POLL_IN)
        event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT)
        event.events |= EPOLLOUT;
    if (watched->registered == event.events)
        return 0;
    int change = watched->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(loop->epoll, change, socket, &event) < 0)
        return -1;
    watched->registered = event.events;
    return 0;
}

static int open_connection(void *user, curl_socket_t socket, curlsocktype type)
{
    (void)type;
    *find(user, socket) = (struct http_watched){.is_connection = true};
    return CURL_SOCKOPT_OK;
}

/* The kernel forgets a socket that is closed. */
static int close_connection(void *user, curl_socket_t socket)
{
    *find(user, socket) = (struct http_watched){.is_connection = false};
    return close(socket);
}

void http_loop_attach(struct http_loop *loop, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, open_connection);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, loop);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_connection);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, loop);
}

static int set_timer(CURLM *multi, long milliseconds, void *user)
{
    (void)multi;
    struct http_loop *loop = user;
    loop->timeout = milliseconds < 0 ? -1 : time_monotonic_ms() + milliseconds;
    return 0;
}

int http_loop_open(struct http_loop *loop, CURLM *multi)
{
    *loop = (struct http_loop){.multi = multi, .epoll = -1, .wake = -1, .timeout = -1};
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = loop->wake};
    if (loop->epoll < 0 || loop->wake < 0 ||
        epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &event) < 0)
        return -1;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, loop);
    return 0;
}

void http_loop_step(struct http_loop *loop, int wait)
{
    struct epoll_event events[EVENTS];
    int running;
    if (loop->timeout >= 0) {
        int64_t left = loop->timeout - time_monotonic_ms();
        if (left < wait)
            wait = left > 0 ? (int)left : 0;
    }
    int count = epoll_wait(loop->epoll, events, EVENTS, wait);
    for (int i = 0; i < count; i++) {
        if (events[i].data.fd == loop->wake) {
            uint64_t times;
            ssize_t size = read(loop->wake, &times, sizeof times);
            (void)size;
            /* After read(): a wake between the two calls needs no further step. */
            atomic_store(&loop->is_woken, false);
        } else if (!find(loop, events[i].data.fd)->is_wanted) {
            unregister(loop, events[i].data.fd);
        } else {
            int what = events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0;
            what |= events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0;
            what |= events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0;
            curl_multi_socket_action(loop->multi, events[i].data.fd, what, &running);
        }
    }
    if (loop->timeout >= 0 && time_monotonic_ms() >= loop->timeout) {
        loop->timeout = -1;
        curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
}

void http_loop_wake(struct http_loop *loop)
{
    uint64_t one = 1;
    if (atomic_exchange(&loop->is_woken, true))
        return;
    /* write() fails only if the counter is full, and then the loop wakes anyway. */
    ssize_t written = write(loop->wake, &one, sizeof one);
    (void)written;
}

void http_loop_close(struct http_loop *loop)
{
    if (loop->epoll >= 0)
        close(loop->epoll);
    if (loop->wake >= 0)
        close(loop->wake);
    free(loop->watched);
}
