#include "commands/check_source.h"

#include <inttypes.h>

#include "commands/check_bucket.h"
#include "commands/check_clean_up.h"
#include "commands/check_path.h"
#include "config/sources.h"
#include "s3/uri.h"

/* Checks the objects of one source. */
static void check_contents(struct check *check, const char *uri, const struct site *site)
{
    struct s3_uri parts;
    if (site_kind(uri) != SITE_BUCKET) {
        check_path(check, uri, site);
        return;
    }
    const char *error = s3_uri_parse(&parts, uri);
    if (error) {
        check_step(check, false, "source", "%s: %s", uri, error);
        return;
    }
    s3_uri_free(&parts);
    check_step(check, true, "source", "%s", uri);
    check_bucket(check, uri, site);
}

/* Checks that the logs have records of the hosts that the setting host names. */
static void check_host_names(struct check *check, const struct site *site)
{
    const struct check_hosts *hosts = &check->hosts;
    if (hosts->others && !hosts->records)
        check_step(
            check, false, "host",
            "no record in the newest logs is of a host that the setting \"host\" names (%s): "
            "they are of others, such as %s; correct the setting \"host\"",
            site->hosts, hosts->other);
    else if (hosts->others)
        check_step(check, true, "host",
                   "records in the newest logs: %" PRIu64
                   " of hosts that the setting \"host\" names, and %" PRIu64
                   " of others, such as %s, which are not read",
                   hosts->records, hosts->others, hosts->other);
}

/* Checks one source.  check->hosts collects the hosts of all sources, so they are checked with the last one. */
static void check_one(struct check *check, const char *uri, const struct site *site, bool is_last)
{
    bool has_failed = check->failed;
    check->failed = false;
    check_contents(check, uri, site);
    if (is_last)
        check_host_names(check, site);
    if (!check->failed)
        check_clean_up(check, uri, site);
    check->failed |= has_failed;
}

void check_source(struct check *check, const char *uri, const struct site *site)
{
    struct buffer one = {0};
    while ((uri = sources_next(uri, &one)))
        check_one(check, one.data, site, !*uri);
    buffer_free(&one);
}
