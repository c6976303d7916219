#include "http/ahead.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "memory/allocate.h"

enum { UNUSED_MAX_MS = 1000 }; /* a store may close a connection that says nothing */

static bool is_equal(const struct http_ahead_address *a, const struct http_ahead_address *b)
{
    return a->family == b->family && a->type == b->type && a->protocol == b->protocol &&
           a->size == b->size && !memcmp(&a->bytes, &b->bytes, a->size);
}

/* Opens a socket that does not wait, and that no child has.  Returns -1 with errno set. */
static int open_socket(const struct http_ahead_address *address)
{
    return socket(address->family, address->type | SOCK_NONBLOCK | SOCK_CLOEXEC, address->protocol);
}

/* Takes the connection number INDEX out of those that are ready.  Returns its socket. */
static int take_out(struct http_ahead *ahead, size_t index)
{
    struct http_ahead_socket *ready = ahead->ready;
    int fd = ready[index].fd;
    ahead->count--;
    memmove(ready + index, ready + index + 1, (ahead->count - index) * sizeof *ready);
    return fd;
}

/* Returns a connection to ADDRESS, or -1 when none is open.  Closes those that have failed, or that the store has closed
 * or written to. */
static int find_ready(struct http_ahead *ahead, const struct http_ahead_address *address)
{
    for (size_t i = 0; i < ahead->count; i++) {
        struct pollfd state = {.fd = ahead->ready[i].fd, .events = POLLIN | POLLOUT | POLLRDHUP};
        if (!is_equal(&ahead->ready[i].address, address) || poll(&state, 1, 0) <= 0)
            continue;
        int fd = take_out(ahead, i);
        if (state.revents == POLLOUT)
            return fd;
        close(fd);
        i--;
    }
    return -1;
}

/* CURLOPT_OPENSOCKETFUNCTION.  libcurl calls connect() with each socket; with one that is connected by now, Linux
 * returns 0 the first time (connect(2): a second call reports the end of the first). */
static curl_socket_t give_socket(void *user, curlsocktype purpose, struct curl_sockaddr *asked)
{
    struct http_ahead *ahead = user;
    struct http_ahead_address address = {.family = asked->family,
                                         .type = asked->socktype,
                                         .protocol = asked->protocol,
                                         .size = asked->addrlen};
    int fd = -1;
    if (purpose == CURLSOCKTYPE_IPCXN && address.size <= sizeof address.bytes) {
        memcpy(&address.bytes, &asked->addr, address.size);
        ahead->addresses[ahead->asked++ % HTTP_AHEAD_ADDRESSES] = address;
        fd = find_ready(ahead, &address);
    }
    if (fd < 0)
        fd = open_socket(&address);
    ahead->given += fd >= 0;
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* CURLOPT_CLOSESOCKETFUNCTION */
static int take_back(void *user, curl_socket_t fd)
{
    struct http_ahead *ahead = user;
    ahead->given--;
    return close(fd);
}

void http_ahead_set_up(struct http_ahead *ahead, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, give_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, ahead);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, take_back);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, ahead);
}

/* Begins one connection.  Returns false when the system has no more sockets, or the address cannot be reached. */
static bool connect_one(struct http_ahead *ahead, int64_t now)
{
    unsigned known =
        ahead->asked < HTTP_AHEAD_ADDRESSES ? ahead->asked : (unsigned)HTTP_AHEAD_ADDRESSES;
    const struct http_ahead_address *address = &ahead->addresses[ahead->next++ % known];
    int fd = open_socket(address);
    if (fd < 0)
        return false;
    if (connect(fd, (const struct sockaddr *)&address->bytes, address->size) < 0 &&
        errno != EINPROGRESS) {
        close(fd);
        return false;
    }
    ahead->ready = array_grow(ahead->ready, ahead->count, &ahead->capacity, sizeof *ahead->ready);
    ahead->ready[ahead->count++] = (struct http_ahead_socket){fd, now, *address};
    return true;
}

void http_ahead_open(struct http_ahead *ahead, unsigned wanted, int64_t now)
{
    while (ahead->count && now - ahead->ready[0].opened > UNUSED_MAX_MS)
        close(take_out(ahead, 0));
    while (ahead->asked && ahead->given + ahead->count < wanted && connect_one(ahead, now))
        ;
}

void http_ahead_close(struct http_ahead *ahead)
{
    while (ahead->count)
        close(take_out(ahead, ahead->count - 1));
    free(ahead->ready);
    *ahead = (struct http_ahead){0};
}
