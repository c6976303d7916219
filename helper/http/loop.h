/* Drives the sockets of a curl multi handle with epoll, so that a step costs what happened in it
 * and not what is under way. */
#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

struct http_loop {
    CURLM *multi; /* the caller's */
    int epoll, wake;
    int64_t timeout; /* when curl wants to be called, by http_loop_now(); -1: not by time */
};

int64_t http_loop_now(void); /* milliseconds of a clock that never jumps */

/* Takes over MULTI's socket and timer callbacks; LOOP must stay where it is.  Returns 0, or -1 with
 * errno set. */
int http_loop_open(struct http_loop *loop, CURLM *multi);

/* Waits up to WAIT milliseconds for something to happen, and lets curl handle it. */
void http_loop_step(struct http_loop *loop, int wait);

/* Ends a step that waits, or the next one; from any thread. */
void http_loop_wake(struct http_loop *loop);

void http_loop_close(struct http_loop *loop); /* after curl_multi_cleanup() */

#endif
