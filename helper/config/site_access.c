/* The buckets of a site, and the settings to access them. */
#include "config/site.h"
#include "config/sources.h"

bool site_has_bucket(const struct site *site)
{
    struct buffer one = {0};
    bool has_bucket = false;
    for (const char *rest = site->source; !has_bucket && (rest = sources_next(rest, &one));)
        has_bucket = site_kind(one.data) == SITE_BUCKET;
    buffer_free(&one);
    return has_bucket;
}

struct s3_access site_access(const struct site *site)
{
    return (struct s3_access){.region = site->region,
                              .profile = site->profile,
                              .endpoint = site->endpoint,
                              .is_anonymous = site->is_anonymous,
                              .requester_pays = site->requester_pays,
                              .known_regions = site->regions};
}
