/* Explains why a server's TLS certificate is not accepted. */
#ifndef HTTP_CERTIFICATE_ERROR_H
#define HTTP_CERTIFICATE_ERROR_H

#include "http/network_error.h"
#include "text/buffer.h"

/* Adds one line to OUT: the reason, and what to do. */
void certificate_error_explain(struct buffer *out, const struct network_error *error,
                               const struct http_host *host);

#endif
