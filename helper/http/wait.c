#include "http/wait.h"

#include "text/message.h"
#include "text/time.h"

enum { IDLE_MS = 1000 }; /* a step waits no longer */

bool http_wait(struct http_pool *pool, const struct http_host *host, const char *what, int64_t end,
               const uint64_t *news)
{
    int64_t noted_at = time_monotonic_ms() + HTTP_WAIT_NOTE_MS; /* when the note is printed */
    uint64_t last = news ? *news : 0;
    while (http_pool_is_busy(pool)) {
        int64_t now = time_monotonic_ms();
        if (now >= noted_at) {
            message_note("waiting for %s: %s", host->name, what);
            noted_at = INT64_MAX;
        }
        if (now >= end) {
            http_pool_cancel(pool);
            return false;
        }
        int64_t next = noted_at < end ? noted_at : end;
        http_pool_step(pool, next - now < IDLE_MS ? (int)(next - now) : IDLE_MS);
        if (news && *news != last) {
            last = *news;
            noted_at = time_monotonic_ms() + HTTP_WAIT_NOTE_MS;
        }
    }
    return true;
}
