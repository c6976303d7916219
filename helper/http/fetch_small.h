/* Sends one HTTP request, and waits for its small response.  The sources of credentials and of the
 * region use this, before and between the many requests of a pool. */
#ifndef HTTP_FETCH_SMALL_H
#define HTTP_FETCH_SMALL_H

#include <stdbool.h>

#include "http/pool.h"
#include "text/buffer.h"

enum { FETCH_SMALL_MAX = 1024 * 1024 }; /* bytes of a response */

struct fetch_small_limits {
    bool is_direct;  /* never through a proxy, whatever the environment names */
    long connect_ms; /* milliseconds for a connection */
    long whole_ms;   /* milliseconds for a whole try */
    /* Milliseconds for all tries together; 0: no limit.  Another try begins only if enough of them
     * are left after its pause: whole_ms, or a third of all_ms where that is less. */
    long all_ms;
    /* At least 1.  A try is repeated after status 5xx or 429, and after an error of the network
     * that may pass (http/network_error.h). */
    unsigned tries;
    long pause_ms; /* before the second try; doubled for each further one */
    struct http_authorities authorities;
};

struct fetch_small_response {
    long status;        /* HTTP's status code */
    struct buffer body; /* may hold a secret: fetch_small_clear() overwrites it */
    bool is_stalled; /* no response: the server took the connection, and then the time was over */
};

/* Sends MESSAGE and waits for the response; after HTTP_WAIT_NOTE_MS milliseconds (http/wait.h), a
 * note says so.  The body has at most FETCH_SMALL_MAX bytes.  Follows no redirect.  Returns whether
 * a response came, of any status; else adds one line without a name to ERROR.  Always overwrites
 * and frees MESSAGE, except its payload.  The caller zeroes RESPONSE before, and clears it
 * afterwards. */
bool fetch_small(struct http_message *message, const struct fetch_small_limits *limits,
                 struct fetch_small_response *response, struct buffer *error);

/* Overwrites and frees the body, and zeroes RESPONSE. */
void fetch_small_clear(struct fetch_small_response *response);

/* Adds TEXT to OUT as a value of a form or a query: all bytes but RFC 3986's unreserved characters
 * are percent-encoded. */
void fetch_small_encode(struct buffer *out, const char *text);

#endif
