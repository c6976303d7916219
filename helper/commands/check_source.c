#include "commands/check_source.h"

#include "commands/check_bucket.h"
#include "commands/check_clean_up.h"
#include "commands/check_path.h"
#include "s3/uri.h"

/* Checks what the source holds. */
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

void check_source(struct check *check, const char *uri, const struct site *site)
{
    bool has_failed = check->failed;
    check->failed = false;
    check_contents(check, uri, site);
    if (!check->failed)
        check_clean_up(check, uri, site);
    check->failed |= has_failed;
}
