#include "s3/bucket.h"

#include <stdlib.h>
#include <string.h>

#include "text/buffer.h"
#include "text/message.h"
#include "text/url.h"

int s3_bucket_open(struct s3_bucket *bucket, const char *uri, const char *region,
                   const char *profile, const char *url)
{
    *bucket = (struct s3_bucket){0};
    const char *wrong = s3_uri_parse(&bucket->uri, uri);
    if (wrong) {
        message_error("%s: %s", uri, wrong);
        goto failed;
    }
    if (s3_credentials_find(&bucket->credentials, profile) < 0)
        goto failed;
    bucket->region_is_given = region != NULL;
    if (!region)
        region = bucket->credentials.region;
    if (!region)
        region = S3_REGION_DEFAULT;
    if (!url)
        url = bucket->credentials.endpoint;
    if (!s3_endpoint_is_region(region)) {
        message_error("region %s: must be a region's name such as eu-west-1", region);
        goto failed;
    }
    bucket->region = strdup(region);
    bucket->url = url ? strdup(url) : NULL;
    if (!bucket->region || (url && !bucket->url)) {
        message_error("out of memory");
        goto failed;
    }
    wrong = s3_endpoint_make(&bucket->endpoint, url, bucket->uri.bucket, region);
    if (wrong) {
        struct buffer shown = {0};
        url_add_shown(&shown, url ? url : "of AWS");
        message_error("endpoint %s: %s", shown.failed ? "" : shown.data, wrong);
        buffer_free(&shown);
        goto failed;
    }
    return 0;
failed:
    s3_bucket_close(bucket);
    return -1;
}

int s3_bucket_move(struct s3_bucket *bucket, const char *region)
{
    struct s3_endpoint endpoint;
    if (!s3_endpoint_is_region(region))
        return -1;
    char *copy = strdup(region);
    if (!copy || s3_endpoint_make(&endpoint, bucket->url, bucket->uri.bucket, region)) {
        free(copy);
        return -1;
    }
    if (bucket->region_is_given)
        message_warning("bucket %s is in region %s, not %s; correct the setting region",
                        bucket->uri.bucket, region, bucket->region);
    else
        message_verbose("bucket %s is in region %s", bucket->uri.bucket, region);
    free(bucket->region);
    s3_endpoint_free(&bucket->endpoint);
    bucket->region = copy;
    bucket->endpoint = endpoint;
    bucket->moved = true;
    return 0;
}

void s3_bucket_close(struct s3_bucket *bucket)
{
    s3_uri_free(&bucket->uri);
    s3_credentials_free(&bucket->credentials);
    free(bucket->region);
    free(bucket->url);
    s3_endpoint_free(&bucket->endpoint);
    *bucket = (struct s3_bucket){0};
}
