/* How long a try may take in all, whatever the server sends in the meantime.
 *
 * A server that sends a byte now and then never stalls, and would hold a request for ever.  So the
 * time is bounded: HTTP_DEADLINE_S, and more for a larger response: the time that a connection of
 * HTTP_SLOWEST bytes a second needs.  The bound also holds for the bytes that have come so far, since a list
 * of objects can state false sizes. */
#ifndef HTTP_DEADLINE_H
#define HTTP_DEADLINE_H

#include <stdint.h>

/* A build for tests may set this with -D. */
#ifndef HTTP_DEADLINE_S
#define HTTP_DEADLINE_S 60
#endif

enum { HTTP_SLOWEST = 1024 };

/* Returns the milliseconds for a try whose response has SIZE bytes, as far as that is known before. */
long http_deadline(uint64_t size);

#endif
