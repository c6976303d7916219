/* Makes the curl handles of a pool, which share resolved names.
 *
 * A name may have several addresses, and a store has its machines behind all of them.  libcurl uses
 * the first one that responds, so each handle belongs to one of a few groups, and each group resolves
 * the name for itself, in an order of its own: the connections spread over the addresses. */
#ifndef HTTP_HANDLE_H
#define HTTP_HANDLE_H

#include <curl/curl.h>
#include <stdbool.h>

#include "http/pool.h"

enum { HTTP_NAME_GROUPS = 8 };

struct http_names {
    CURLSH *groups[HTTP_NAME_GROUPS];
};

/* Returns false when memory is exhausted; close frees what was opened. */
bool http_names_open(struct http_names *names);
void http_names_close(struct http_names *names); /* after the handles */

/* Sets what every handle has, of a pool or for a single request: HTTP 1.1 with and without TLS, and no other protocol;
 * checked certificates; no signals. */
void http_handle_set_basics(CURL *easy);

/* Makes the handle number INDEX; NULL: memory is exhausted. */
CURL *http_handle_new(const struct http_names *names, unsigned index);

/* Sets the CAs that the host's certificate is checked with. */
void http_handle_set_authorities(CURL *easy, const struct http_host *host);

/* Sets what a try sends.  MESSAGE must last until the try has ended. */
void http_handle_set_message(CURL *easy, struct http_message *message);

#endif
