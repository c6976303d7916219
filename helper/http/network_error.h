/* Explains libcurl's errors to the user, and tells which of them are worth another try. */
#ifndef HTTP_NETWORK_ERROR_H
#define HTTP_NETWORK_ERROR_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "http/pool.h"
#include "text/buffer.h"

/* The error of a try that ended without a complete response. */
struct network_error {
    CURLcode code;
    const char *detail; /* libcurl's own words; "" when it has none */
    bool connected;     /* a connection was made */
    bool is_late;       /* the try's deadline is over (http/deadline.h) */
    unsigned seconds;   /* that the try took */
    uint64_t received;  /* bytes of the body */
    long verification;  /* OpenSSL's result for the certificate, X509_V_ERR_...; 0: there is none */
    long proxy_status;  /* HTTP status with which a proxy refused CONNECT; 0: none */
};

/* Returns whether the last try of EASY had a connection, a new or a kept one, with TLS where the URL
 * says so. */
bool network_is_connected(CURL *easy);

/* Sets the members connected, seconds, verification and proxy_status from EASY, whose try has
 * ended. Sets is_late if the try took MILLISECONDS, its deadline. */
void network_error_read(struct network_error *error, CURL *easy, int64_t milliseconds);

/* Adds one line without a name to OUT: what failed, and what to check.  Returns whether the next
 * try may succeed: not if HOST has never responded and its address cannot be used. */
bool network_error_explain(struct buffer *out, const struct network_error *error,
                           const struct http_host *host);

#endif
