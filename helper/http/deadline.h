/* Bounds the time of a whole try, whatever the server sends in the meantime.
 *
 * A server that sends a byte now and then never stalls, and would hold a request for ever.  So a
 * try may take HTTP_DEADLINE_S seconds, and one second more for each HTTP_SLOWEST bytes of the
 * response. A list of objects can state false sizes, so the pool also computes the bound from the
 * bytes that have come so far. */
#ifndef HTTP_DEADLINE_H
#define HTTP_DEADLINE_H

#include <stdint.h>

/* A build for tests may set this with -D. */
#ifndef HTTP_DEADLINE_S
#define HTTP_DEADLINE_S 60
#endif

enum { HTTP_SLOWEST = 1024 }; /* bytes per second: a slower connection is given up */

/* Returns the milliseconds that a try may take when SIZE bytes are sent or come. */
long http_deadline(uint64_t size);

#endif
