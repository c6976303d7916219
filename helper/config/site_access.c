/* The buckets of a site, and the settings to access them. */
#include <stdio.h>
#include <string.h>

#include "config/site.h"
#include "config/sources.h"
#include "s3/uri.h"

bool site_has_bucket(const struct site *site)
{
    struct buffer one = {0};
    bool has_bucket = false;
    for (const char *rest = site->source; !has_bucket && (rest = sources_next(rest, &one));)
        has_bucket = site_kind(one.data) == SITE_BUCKET;
    buffer_free(&one);
    return has_bucket;
}

/* Returns whether a line of REGIONS, of SIZE bytes, is about the bucket; its region ends at *SPACE. */
static bool is_region_of(const char *line, size_t size, const char *bucket, const char **space)
{
    *space = memchr(line, ' ', size);
    return *space && (size_t)(line + size - *space - 1) == strlen(bucket) &&
           !strncmp(*space + 1, bucket, strlen(bucket));
}

void site_recall_region(struct site *site, const char *regions)
{
    struct s3_uri uri;
    const char *space;
    site->likely_region[0] = '\0';
    if (site->kind != SITE_BUCKET || s3_uri_parse(&uri, site->source))
        return;
    for (const char *line = regions; line && *line;) {
        size_t size = strcspn(line, "\n");
        if (is_region_of(line, size, uri.bucket, &space))
            snprintf(site->likely_region, sizeof site->likely_region, "%.*s", (int)(space - line),
                     line);
        line += size + (line[size] == '\n');
    }
    s3_uri_free(&uri);
}

struct s3_access site_access(const struct site *site)
{
    return (struct s3_access){.region = site->region,
                              .profile = site->profile,
                              .endpoint = site->endpoint,
                              .is_anonymous = site->is_anonymous,
                              .requester_pays = site->requester_pays,
                              .likely_region = *site->likely_region ? site->likely_region : NULL};
}
