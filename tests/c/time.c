/* text/time: times as text, and times that no calendar has. */
#include "text/time.h"

#include <stdint.h>

#include "tap.h"

static void is_time(int64_t seconds, const char *format, bool is_known, const char *want)
{
    char out[TIME_TEXT_SIZE];
    bool known = time_format(out, format, seconds);
    ok(known == is_known, "%lld %s", (long long)seconds, is_known ? "is a time" : "is none");
    ok(!strcmp(out, want), "written as %s", out);
}

int main(void)
{
    is_time(0, TIME_SECOND, true, "1970-01-01 00:00:00 UTC");
    is_time(1793448605, TIME_MINUTE, true, "2026-10-31 12:10 UTC");
    is_time(-62135596800, TIME_SECOND, true, "0001-01-01 00:00:00 UTC");
    is_time(-62135596800, TIME_JSON, true, "\"0001-01-01T00:00:00Z\"");
    is_time(9223372037, TIME_SECOND, true, "2262-04-11 23:47:17 UTC");
    is_time(15032385535, TIME_JSON, true, "\"2446-05-10T22:38:55Z\"");
    is_time(67767976233532799, TIME_SECOND, true, "2147483647-12-31 23:59:59 UTC");
    is_time(67767976233532800, TIME_SECOND, false, "unknown");
    is_time(67768036191676800, TIME_SECOND, false, "unknown");
    is_time(INT64_MAX, TIME_JSON, false, "unknown");
    is_time(INT64_MIN, TIME_MINUTE, false, "unknown");
    return done_testing();
}
