/* Limits the rate at which bytes come from a bucket. */
#ifndef S3_BANDWIDTH_H
#define S3_BANDWIDTH_H

#include <stddef.h>
#include <stdint.h>

enum { S3_BANDWIDTH_MIN = 16 * 1024 }; /* bytes a second: the least that a request needs */

struct s3_bandwidth {
    uint64_t limit; /* bytes a second, at least S3_BANDWIDTH_MIN; 0: no limit */
    double until;   /* when the limit allows further bytes, by time_monotonic_ms() */
};

/* Counts SIZE bytes that have come, and sleeps until the limit allows further ones.  The thread
 * that drives the transfers calls this: while it reads nothing, TCP's flow control stops the
 * store. */
void s3_bandwidth_wait(struct s3_bandwidth *bandwidth, size_t size);

/* Returns how many of COUNT requests may be under way at once: each needs S3_BANDWIDTH_MIN bytes a
 * second, or the request would seem to stall. */
unsigned s3_bandwidth_requests(const struct s3_bandwidth *bandwidth, unsigned count);

#endif
