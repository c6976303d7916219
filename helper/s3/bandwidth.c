#include "s3/bandwidth.h"

#include <time.h>

#include "text/time.h"

enum { BURST_MS = 100 }; /* after a pause, so many milliseconds' bytes may come at once */

void s3_bandwidth_wait(struct s3_bandwidth *bandwidth, size_t size)
{
    if (!bandwidth->limit)
        return;
    double now = (double)time_monotonic_ms();
    if (bandwidth->until < now - BURST_MS)
        bandwidth->until = now - BURST_MS;
    bandwidth->until += 1000.0 * (double)size / (double)bandwidth->limit;
    double wait = bandwidth->until - now;
    if (wait < 1)
        return;
    struct timespec time = {(time_t)(wait / 1000), (long)(wait * 1000000) % 1000000000};
    nanosleep(&time, NULL);
}

unsigned s3_bandwidth_requests(const struct s3_bandwidth *bandwidth, unsigned count)
{
    uint64_t most = bandwidth->limit / S3_BANDWIDTH_MIN;
    return bandwidth->limit && most < count ? (unsigned)most : count;
}
