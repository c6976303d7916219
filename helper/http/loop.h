/* Waits for the sockets of a curl multi handle with epoll, so that the cost of a step depends on
 * the number of events and not on the number of transfers under way.
 *
 * curl_multi_poll() would do the same in three lines, but at 64 sockets and 30 ms of latency a
 * fetch takes a quarter longer with it (libcurl 7.88).
 *
 * libcurl stops watching a connection after each transfer, and watches it again for the next one.
 * The loop saves these calls of epoll_ctl(): a connection stays registered until libcurl closes it,
 * or until an event comes that libcurl does not wait for. */
#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* A socket, at the place of its descriptor. */
struct http_watched {
    bool is_connection;  /* libcurl tells this loop when it closes the socket */
    bool is_wanted;      /* libcurl waits for the socket */
    uint32_t registered; /* the events that epoll watches; 0: none */
};

struct http_loop {
    CURLM *multi; /* the caller's */
    int epoll, wake;
    atomic_bool is_woken; /* the next step will not wait */
    int64_t timeout;      /* when libcurl asked to be called, by time_monotonic_ms(); -1: never */
    struct http_watched *watched;
    size_t watched_count;
};

/* Takes over the socket and timer callbacks of MULTI; LOOP must stay at its address.  Returns 0, or
 * -1 with errno set. */
int http_loop_open(struct http_loop *loop, CURLM *multi);

/* Lets libcurl tell LOOP when EASY, a handle of MULTI, opens or closes a connection. */
void http_loop_attach(struct http_loop *loop, CURL *easy);

/* Waits up to WAIT milliseconds for something to happen, and lets libcurl handle it. */
void http_loop_step(struct http_loop *loop, int wait);

/* Ends a step that waits, or the next one.  Any thread may call this. */
void http_loop_wake(struct http_loop *loop);

void http_loop_close(struct http_loop *loop); /* after curl_multi_cleanup() */

#endif
