/* Which keys of a source the settings "include" and "exclude" choose. */
#include "source/key_filter.h"

#include "tap.h"

#define BUCKET       "s3://logs/cdn/"
#define ACCESS_POINT "s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/my-ap/cdn/"

static void check(const char *source, const char *include, const char *key, bool is_in,
                  bool is_taken)
{
    struct key_filter filter;
    key_filter_init(&filter, source, include, NULL);
    ok(key_filter_has(&filter, key) == is_in, "%s %s %s", source, is_in ? "has" : "has not", key);
    ok(key_filter_takes(&filter, key) == is_taken, "include = %s %s it", include,
       is_taken ? "takes" : "does not take");
}

int main(void)
{
    static const char *const sources[] = {BUCKET, ACCESS_POINT};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        check(sources[i], "E1.*", "cdn/E1.2026-03-10-12.0a1b2c3d.gz", true, true);
        check(sources[i], "E1", "cdn/E1.2026-03-10-12.0a1b2c3d.gz", true, true);
        check(sources[i], "cdn", "cdn/E1.2026-03-10-12.0a1b2c3d.gz", true, false);
        check(sources[i], "E2.*", "cdn/E1.2026-03-10-12.0a1b2c3d.gz", true, false);
        check(sources[i], "E1", "other/E1.gz", false, true);
        check(sources[i], "E1/", "cdn/E1/a.gz", true, true);
        check(sources[i], "E1/", "cdn/x/E1/2026/a.gz", true, true);
        check(sources[i], "E1/", "cdn/DistributionId=E1/a.gz", true, true);
        check(sources[i], "DistributionId=E1/", "cdn/DistributionId=E1/a.gz", true, true);
        check(sources[i], "DistributionId=E1", "cdn/DistributionId=E1/a.gz", true, true);
        check(sources[i], "d=E1", "cdn/DistributionId=E1/a.gz", true, false);
        check(sources[i], "E1/", "cdn/E1.gz", true, false);
        check(sources[i], "E1/", "cdn/E10/a.gz", true, false);
        check(sources[i], "E1/", "cdn/XE1/a.gz", true, false);
        check(sources[i], "E1/", "cdn/x/E1", true, false);
        check(sources[i], "E1/", "cdn/E10/E1/a.gz", true, true);
        check(sources[i], "E?/", "cdn/E1/2026/a.gz", true, true);
        check(sources[i], "cdn/E?/", "cdn/E1/a.gz", true, true);
        check(sources[i], "E*/", "cdn/E1.gz", true, false);
    }
    check("s3://logs", "E1.*", "E1.gz", true, true);
    check("/var/log", "a*", "/var/log/a.gz", true, true);
    check("/var/log", "a*", "/var/logs/a.gz", false, false);
    check("/var/log/a.gz", "a*", "/var/log/a.gz", true, true);
    return done_testing();
}
