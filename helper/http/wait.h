/* Waits for the requests of a pool, and prints a note when that takes long. */
#ifndef HTTP_WAIT_H
#define HTTP_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "http/pool.h"

/* A build for tests may set these with -D. */
#ifndef HTTP_WAIT_NOTE_MS
#define HTTP_WAIT_NOTE_MS 5000
#endif
#ifndef HTTP_WAIT_MAX_MS
#define HTTP_WAIT_MAX_MS 60000 /* for a caller's END: how long a person has patience */
#endif

/* Steps POOL until it has no request, and returns true.  At the time END, by time_monotonic_ms(),
 * cancels the requests that are left (http_pool_cancel()), and returns false.  After
 * HTTP_WAIT_NOTE_MS milliseconds without news, a note says that the program waits for HOST, whose name
 * a redirect may have changed, and for WHAT.  The requests' functions change *NEWS when something has
 * come.  NEWS may be NULL: then the note comes HTTP_WAIT_NOTE_MS after the beginning. */
bool http_wait(struct http_pool *pool, const struct http_host *host, const char *what, int64_t end,
               const uint64_t *news);

#endif
