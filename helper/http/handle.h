/* Makes the curl handles of a pool, which share resolved names.
 *
 * A name may have several addresses, and a store has its machines behind all of them.  libcurl uses
 * the first address that accepts a connection.  So that the connections spread over the addresses,
 * each handle belongs to one of a few groups, and each group resolves the name for itself and
 * shuffles its addresses. */
#ifndef HTTP_HANDLE_H
#define HTTP_HANDLE_H

#include <curl/curl.h>
#include <stdbool.h>

#include "http/pool.h"

enum { HTTP_NAME_GROUPS = 8 };

struct http_names {
    CURLSH *groups[HTTP_NAME_GROUPS];
};

/* Returns false when memory is exhausted; also then, http_names_close() frees NAMES. */
bool http_names_open(struct http_names *names);

/* Frees NAMES, after all handles that use them. */
void http_names_close(struct http_names *names);

/* Sets the options of every handle, of a pool or for a single request: only HTTP 1.1, with and
 * without TLS; checked certificates; no signals. */
void http_handle_set_basics(CURL *easy);

/* Makes the handle number INDEX of a pool.  Returns NULL when memory is exhausted. */
CURL *http_handle_new(const struct http_names *names, unsigned index);

/* Sets the file of CAs that check the certificate of HOST: the host's own, else libcurl's usual
 * one. */
void http_handle_set_authorities(CURL *easy, const struct http_host *host);

/* Sets what a try sends.  MESSAGE must last until the try has ended. */
void http_handle_set_message(CURL *easy, struct http_message *message);

#endif
