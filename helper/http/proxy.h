/* Which proxy libcurl takes for a host, by the environment.
 *
 * libcurl tells it only since version 8.7 (CURLINFO_USED_PROXY), so its rules are here once more:
 * https://everything.curl.dev/usingcurl/proxies/env.html and lib/noproxy.c of its source. */
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H

/* Returns the environment variable that names the proxy for ORIGIN ("https://HOST" or
 * "http://HOST:PORT"), such as "https_proxy"; NULL when libcurl takes none. */
const char *proxy_variable(const char *origin);

#endif
