/* Finds the environment variable from which libcurl takes the proxy for a host.
 *
 * libcurl tells only since version 8.7 whether it used a proxy (CURLINFO_USED_PROXY), so this
 * module repeats libcurl's rules: https://everything.curl.dev/usingcurl/proxies/env.html and
 * lib/noproxy.c of its source. */
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H

#include "text/buffer.h"

enum { PROXY_REFUSES = 407 }; /* HTTP status: Proxy Authentication Required */

/* Returns the environment variable that names the proxy for ORIGIN ("https://HOST" or
 * "http://HOST:PORT"), such as "https_proxy"; NULL when libcurl uses no proxy. */
const char *proxy_variable(const char *origin);

/* Adds one line to OUT: the proxy for ORIGIN wants a user and a password. */
void proxy_explain_refusal(struct buffer *out, const char *origin);

#endif
