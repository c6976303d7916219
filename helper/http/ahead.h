/* Connections that a pool opens ahead: before a request needs them, while its window grows.
 *
 * A request on a new connection waits for the connection first, one latency more.  So a window that doubles would
 * wait for half of its connections each time.  Instead the pool connects while the requests before are under way, to
 * the addresses that libcurl has asked for last, and libcurl gets such a socket in place of a new one.  A
 * connection costs the store little, and is no request.  One that nobody needs is closed after a second.
 *
 * Used by one thread at a time. */
#ifndef HTTP_AHEAD_H
#define HTTP_AHEAD_H

#include <curl/curl.h>
#include <netinet/in.h>
#include <stdint.h>

enum { HTTP_AHEAD_ADDRESSES = 8 }; /* that connections go to in turns */

/* An address that libcurl has asked for. */
struct http_ahead_address {
    int family, type, protocol;
    socklen_t size;
    struct sockaddr_in6 bytes; /* of any family; this is the largest that is taken */
};

struct http_ahead_socket {
    int fd;
    int64_t opened; /* by http_loop_now() */
    struct http_ahead_address address;
};

/* Zeroed at birth. */
struct http_ahead {
    struct http_ahead_address addresses[HTTP_AHEAD_ADDRESSES];
    unsigned asked, next;            /* addresses so far; the one of the next connection */
    struct http_ahead_socket *ready; /* open, or about to be, the oldest first; owned */
    size_t count, capacity;
    unsigned given; /* sockets that libcurl has now */
};

/* Lets EASY take its sockets from AHEAD, which must outlive the handle and its connections. */
void http_ahead_set_up(struct http_ahead *ahead, CURL *easy);

/* Opens connections until there are WANTED, with those that libcurl has.  NOW is http_loop_now().  It opens fewer
 * when the system has no more sockets, and none before libcurl has asked for an address. */
void http_ahead_open(struct http_ahead *ahead, unsigned wanted, int64_t now);

/* Closes the connections that libcurl has not taken. */
void http_ahead_close(struct http_ahead *ahead);

#endif
