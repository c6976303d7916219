/* Limits the rate at which bytes come from a bucket. */
#ifndef S3_BANDWIDTH_H
#define S3_BANDWIDTH_H

#include <stddef.h>
#include <stdint.h>

enum { S3_BANDWIDTH_MIN = 16 * 1024 }; /* bytes a second: the least that a request needs */

struct s3_bandwidth {
    uint64_t limit; /* bytes a second; 0: none; else S3_BANDWIDTH_MIN at least */
    double until;   /* when the bytes so far may have come, by time_monotonic_ms() */
};

/* Takes note of SIZE bytes that have come, and sleeps as long as they are too early.  The thread that drives
 * the transfers calls this: while it reads nothing, the network's own flow control stops the store. */
void s3_bandwidth_wait(struct s3_bandwidth *bandwidth, size_t size);

/* Returns how many of COUNT requests may be under way at once, so that each gets S3_BANDWIDTH_MIN bytes a second
 * and none seems to stall. */
unsigned s3_bandwidth_requests(const struct s3_bandwidth *bandwidth, unsigned count);

#endif
