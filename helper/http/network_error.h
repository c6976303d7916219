/* What libcurl's errors mean for people, and for the retry policy. */
#ifndef HTTP_NETWORK_ERROR_H
#define HTTP_NETWORK_ERROR_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "http/pool.h"
#include "text/buffer.h"

/* A try that ended without a whole answer. */
struct network_error {
    CURLcode code;
    const char *detail; /* libcurl's own words; "" when it has none */
    bool connected;     /* a connection was made */
    uint64_t received;  /* bytes of the body */
};

/* Adds one line without a name to OUT: what failed, and what to check.  Returns whether the next try
 * may succeed: not if HOST has never answered and its address is not right. */
bool network_error_explain(struct buffer *out, const struct network_error *error,
                           const struct http_host *host);

#endif
