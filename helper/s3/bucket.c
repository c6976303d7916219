#include "s3/bucket.h"

#include <stdlib.h>
#include <string.h>

#include "aws/chain.h"
#include "memory/allocate.h"
#include "text/message.h"
#include "text/url.h"

static void set_host(struct s3_bucket *bucket)
{
    bucket->host.origin = bucket->endpoint.origin;
    bucket->host.name = bucket->endpoint.host;
}

/* Sets region, url and endpoint. */
static bool locate(struct s3_bucket *bucket, const char *region, const char *url,
                   struct buffer *error)
{
    if (!region)
        region = S3_REGION_DEFAULT;
    if (!s3_endpoint_is_region(region)) {
        buffer_printf(error, "region %s: must be a region's name such as eu-west-1", region);
        return false;
    }
    bucket->region = memory_copy_text(region);
    bucket->url = url ? memory_copy_text(url) : NULL;
    const char *endpoint_error =
        s3_endpoint_make(&bucket->endpoint, url, bucket->uri.bucket, region);
    if (endpoint_error) {
        buffer_add_text(error, "endpoint ");
        url_add_shown(error, url ? url : "of AWS");
        buffer_printf(error, ": %s", endpoint_error);
        return false;
    }
    set_host(bucket);
    return true;
}

/* Reads the AWS settings, and finds credentials unless requests are not signed. */
static bool find_credentials(struct s3_bucket *bucket, struct aws_settings *settings,
                             const struct s3_access *access, struct buffer *error)
{
    const struct aws_choice choice = {.profile = access->profile, .region = access->region};
    if (access->is_anonymous) {
        bucket->signer.keys.origin = memory_copy_text("nobody: sign = no");
        return aws_settings_read(settings, &choice, error);
    }
    bucket->credentials = chain_find(settings, &choice, error);
    if (!bucket->credentials)
        return false;
    bucket->signer.provider = bucket->credentials;
    credentials_get(bucket->credentials, &bucket->signer.keys);
    return true;
}

int s3_bucket_open(struct s3_bucket *bucket, const char *uri, const struct s3_access *access,
                   struct buffer *error)
{
    const char *region = access->region, *url = access->endpoint;
    struct aws_settings settings = {0};
    *bucket = (struct s3_bucket){0};
    const char *uri_error = s3_uri_parse(&bucket->uri, uri);
    if (uri_error) {
        buffer_printf(error, "%s: %s", uri, uri_error);
        goto failed;
    }
    if (!find_credentials(bucket, &settings, access, error))
        goto failed;
    bucket->given_region = region ? memory_copy_text(region) : NULL;
    if (!locate(bucket, region ? region : settings.region, url ? url : settings.endpoint, error))
        goto failed;
    bucket->md5 = EVP_MD_fetch(NULL, "MD5", NULL);
    aws_settings_free(&settings);
    return 0;
failed:
    aws_settings_free(&settings);
    s3_bucket_close(bucket);
    return -1;
}

int s3_bucket_move(struct s3_bucket *bucket, const char *region)
{
    struct s3_endpoint endpoint;
    if (!s3_endpoint_is_region(region) ||
        s3_endpoint_make(&endpoint, bucket->url, bucket->uri.bucket, region))
        return -1;
    if (!bucket->given_region)
        message_verbose("S3 reports that bucket %s is in region %s", bucket->uri.bucket, region);
    free(bucket->region);
    s3_endpoint_free(&bucket->endpoint);
    bucket->region = memory_copy_text(region);
    bucket->endpoint = endpoint;
    bucket->moved = true;
    set_host(bucket);
    return 0;
}

bool s3_bucket_explain_region(const struct s3_bucket *bucket, struct buffer *out)
{
    if (!bucket->moved || !bucket->given_region)
        return false;
    buffer_printf(out,
                  "S3 reports that bucket %s is in region %s, not %s; write region = %s into the "
                  "configuration",
                  bucket->uri.bucket, bucket->region, bucket->given_region, bucket->region);
    return true;
}

void s3_bucket_close(struct s3_bucket *bucket)
{
    s3_uri_free(&bucket->uri);
    signer_clear(&bucket->signer);
    credentials_provider_free(bucket->credentials);
    free(bucket->region);
    free(bucket->given_region);
    free(bucket->url);
    s3_endpoint_free(&bucket->endpoint);
    EVP_MD_free(bucket->md5);
    *bucket = (struct s3_bucket){0};
}
