/* Tells which proxy libcurl uses for a host, by the environment.
 *
 * libcurl itself tells this only since version 8.7 (CURLINFO_USED_PROXY), so this module repeats its rules:
 * https://everything.curl.dev/usingcurl/proxies/env.html and lib/noproxy.c of its source. */
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H

#include "text/buffer.h"

enum { PROXY_REFUSES = 407 }; /* HTTP's status of a proxy that wants to know the user */

/* Returns the environment variable that names the proxy for ORIGIN ("https://HOST" or
 * "http://HOST:PORT"), such as "https_proxy"; NULL when libcurl takes none. */
const char *proxy_variable(const char *origin);

/* Adds one line to OUT: the proxy for ORIGIN wants a user and a password. */
void proxy_explain_refusal(struct buffer *out, const char *origin);

#endif
