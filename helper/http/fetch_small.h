/* Sends one HTTP request and waits for its small response: this is how credentials and the region are fetched,
 * before and between the many requests of a pool. */
#ifndef HTTP_FETCH_SMALL_H
#define HTTP_FETCH_SMALL_H

#include <stdbool.h>

#include "http/pool.h"
#include "text/buffer.h"

enum { FETCH_SMALL_MAX = 1024 * 1024 }; /* bytes of a response */

struct fetch_small_limits {
    bool is_direct;  /* never through a proxy, whatever the environment names */
    long connect_ms; /* milliseconds for a connection */
    long whole_ms;   /* milliseconds for all of a try */
    /* Milliseconds for all tries together; 0: no limit.  No further try begins for which whole_ms, or a third of
     * these milliseconds, are no longer left. */
    long all_ms;
    /* At least 1.  A try is repeated after status 5xx or 429, and without a response unless the next one would have none
     * either. */
    unsigned tries;
    long pause_ms;           /* before the second try; doubled for each further one */
    const char *authorities; /* file with the certificates of the CAs; NULL: the system's */
};

struct fetch_small_response {
    long status;        /* HTTP's status code */
    struct buffer body; /* may hold a secret: fetch_small_clear() overwrites it */
    bool is_stalled;    /* without a response: there was a connection, but the time was over */
};

/* Sends MESSAGE and waits for the response; after HTTP_WAIT_NOTE_MS milliseconds (http/wait.h), a note says so.  The body
 * has at most FETCH_SMALL_MAX bytes.  Follows no redirect.  Returns whether there is a response, of any status; else adds one line without a
 * name to ERROR.  Overwrites and frees MESSAGE in any case, except its payload.  RESPONSE is zeroed
 * at first, and cleared by the caller. */
bool fetch_small(struct http_message *message, const struct fetch_small_limits *limits,
                 struct fetch_small_response *response, struct buffer *error);

void fetch_small_clear(struct fetch_small_response *response);

/* Overwrites and frees a message that was not sent; it may be called again. */
void fetch_small_clear_message(struct http_message *message);

/* Adds TEXT percent-encoded but for RFC 3986's unreserved characters, as in a form or a query. */
void fetch_small_encode(struct buffer *out, const char *text);

#endif
