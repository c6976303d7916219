/* Explains libcurl's errors to the user, and tells which of them are worth another try. */
#ifndef HTTP_NETWORK_ERROR_H
#define HTTP_NETWORK_ERROR_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "http/pool.h"
#include "text/buffer.h"

/* The error of a try that ended without a complete answer. */
struct network_error {
    CURLcode code;
    const char *detail; /* libcurl's own words; "" when it has none */
    bool connected;     /* a connection was made */
    uint64_t received;  /* bytes of the body */
};

/* Adds one line without a name to OUT: what failed, and what to check.  Returns whether the next
 * try may succeed: not if HOST has never answered and its address cannot be used. */
bool network_error_explain(struct buffer *out, const struct network_error *error,
                           const struct http_host *host);

#endif
