#include "s3/bucket.h"

#include <stdlib.h>
#include <string.h>

#include "aws/chain.h"
#include "aws/metadata.h"
#include "aws/partition.h"
#include "aws/region.h"
#include "memory/allocate.h"
#include "s3/arn.h"
#include "s3/known_regions.h"
#include "text/message.h"
#include "text/secrets.h"

static void set_host(struct s3_bucket *bucket)
{
    bucket->host.origin = bucket->endpoint.origin;
    bucket->host.name = bucket->endpoint.host;
    bucket->host.authorities = bucket->settings.authorities;
    bucket->host.tries = bucket->settings.tries;
}

/* Sets the region of a bucket that an ARN names.  The ARN's region is the bucket's; it must not
 * contradict the settings. */
static bool take_arn_region(struct s3_bucket *bucket, struct buffer *error)
{
    const struct s3_settings *settings = &bucket->settings;
    struct s3_arn arn;
    s3_arn_read(&arn, bucket->uri.bucket);
    char *region = memory_copy_bytes(arn.region.text, arn.region.size);
    const char *other = settings->keeps_region ? S3_REGION_DEFAULT : region;
    const char *given = settings->region ? settings->region : other;
    const struct partition *partition = partition_named(arn.partition.text, arn.partition.size);
    bucket->region = region;
    if (partition_of_region(region) != partition) {
        buffer_printf(error,
                      "%s: this ARN names another AWS partition than that of region %s, which is "
                      "%s; correct the ARN",
                      bucket->uri.bucket, region, partition_of_region(region)->name);
        return false;
    }
    if (partition_of_region(given) != partition) {
        buffer_printf(error,
                      "%s: this ARN names another AWS partition than that of the region in the "
                      "settings, %s, which is %s; correct the ARN or the setting \"region\"",
                      bucket->uri.bucket, given, partition_of_region(given)->name);
        return false;
    }
    if (settings->keeps_region && !settings->region && strcmp(given, region) != 0) {
        buffer_printf(error,
                      "%s: no region is set, and use_arn_region = false allows only the region of "
                      "the settings; set region = %s, or use_arn_region = true",
                      bucket->uri.bucket, region);
        return false;
    }
    if (settings->keeps_region && strcmp(given, region) != 0) {
        buffer_printf(error,
                      "%s: the region of the settings is %s, and use_arn_region = false allows no "
                      "other one; correct the region, or set use_arn_region = true",
                      bucket->uri.bucket, given);
        return false;
    }
    return true;
}

/* Sets region and endpoint. */
static bool locate(struct s3_bucket *bucket, const struct s3_access *access, struct buffer *error)
{
    const struct s3_settings *settings = &bucket->settings;
    const char *region = settings->region ? settings->region : S3_REGION_DEFAULT;
    char *known = NULL;
    if (!region_is_name(region)) {
        buffer_printf(error, "region %s: must be a region's name such as eu-west-1", region);
        return false;
    }
    if (s3_arn_is(bucket->uri.bucket)) {
        if (!take_arn_region(bucket, error))
            return false;
    } else {
        if (!access->region)
            known = known_regions_find(access->known_regions, bucket->uri.bucket,
                                       settings->rules.url, region);
        bucket->region = known ? known : memory_copy_text(region);
        bucket->is_region_known = known != NULL;
    }
    if (!s3_endpoint_make(&bucket->endpoint, &settings->rules, bucket->uri.bucket, bucket->region,
                          error))
        return false;
    if (settings->rules.url && (settings->rules.fips || settings->rules.dual_stack))
        message_verbose("s3://%s: use_fips_endpoint and use_dualstack_endpoint have no effect "
                        "here, because an endpoint is set, and its address is used as it is",
                        bucket->uri.bucket);
    if (settings->authorities.file)
        message_verbose("s3://%s: certificates of CAs from %s, which %s names", bucket->uri.bucket,
                        settings->authorities.file, settings->authorities.origin);
    set_host(bucket);
    return true;
}

/* Finds credentials unless requests are not signed. */
static bool find_credentials(struct s3_bucket *bucket, const struct aws_settings *settings,
                             const struct s3_access *access, const struct aws_choice *choice,
                             struct buffer *error)
{
    if (access->is_anonymous) {
        bucket->signer.keys.origin = memory_copy_text("nobody: sign = no");
        return true;
    }
    bucket->credentials = chain_find(settings, choice, error);
    if (!bucket->credentials)
        return false;
    bucket->signer.keeper = bucket->credentials;
    credentials_get(bucket->credentials, &bucket->signer.keys);
    return true;
}

/* Takes the region of this EC2 instance if the keys are the instance's and nothing else gives a
 * region. S3 redirects from there to the bucket's region, if that is in the same partition. */
static void find_instance_region(struct s3_bucket *bucket, const struct aws_settings *aws)
{
    const struct aws_session session = {.profile = &aws->profile,
                                        .settings = &aws->profile,
                                        .is_environment = true,
                                        .end = session_end()};
    struct buffer region = {0}, error = {0};
    if (bucket->settings.region || s3_bucket_has_url(bucket) || !bucket->signer.keys.is_of_instance)
        return;
    if (metadata_find_region(&session, &region, &error))
        bucket->settings.region = region.data;
    else
        message_verbose("%s", error.data);
    buffer_free(&error);
}

int s3_bucket_open(struct s3_bucket *bucket, const char *uri, const struct s3_access *access,
                   struct buffer *error)
{
    const struct aws_choice choice = {.profile = access->profile, .region = access->region};
    struct aws_settings settings = {0};
    *bucket = (struct s3_bucket){.requester_pays = access->requester_pays};
    const char *uri_error = s3_uri_parse(&bucket->uri, uri);
    if (uri_error) {
        buffer_printf(error, "%s: %s", uri, uri_error);
        goto failed;
    }
    if (!aws_settings_read(&settings, &choice, error))
        goto failed;
    bucket->given_region = memory_copy_optional(access->region);
    if (!s3_settings_read(&bucket->settings, &settings, access->endpoint, error) ||
        !find_credentials(bucket, &settings, access, &choice, error))
        goto failed;
    find_instance_region(bucket, &settings);
    if (!locate(bucket, access, error))
        goto failed;
    bucket->md5 = EVP_MD_fetch(NULL, "MD5", NULL);
    bucket->bandwidth.limit = bucket->settings.bandwidth;
    aws_settings_free(&settings);
    return 0;
failed:
    aws_settings_free(&settings);
    s3_bucket_close(bucket);
    return -1;
}

struct http_pool *s3_bucket_pool(const struct s3_bucket *bucket, unsigned slots,
                                 struct buffer *error)
{
    unsigned requests = bucket->settings.requests;
    if (requests && requests < slots)
        slots = requests;
    return http_pool_new(s3_bandwidth_requests(&bucket->bandwidth, slots), error);
}

bool s3_bucket_has_url(const struct s3_bucket *bucket)
{
    return bucket->settings.rules.url != NULL;
}

bool s3_bucket_has_secret_in(const struct s3_bucket *bucket, const char *text)
{
    const struct credentials *keys = &bucket->signer.keys;
    const struct secrets secrets = {{keys->token, keys->secret}};
    return secrets_are_in(&secrets, text);
}

int s3_bucket_move(struct s3_bucket *bucket, const char *region)
{
    struct s3_endpoint endpoint;
    struct buffer ignored = {0};
    bool is_made = region_is_name(region) && s3_endpoint_make(&endpoint, &bucket->settings.rules,
                                                              bucket->uri.bucket, region, &ignored);
    buffer_free(&ignored);
    if (!is_made)
        return -1;
    if (!bucket->given_region)
        message_verbose(
            "S3 reports that bucket %s is in region %s, so requests go to this region now",
            bucket->uri.bucket, region);
    free(bucket->region);
    s3_endpoint_free(&bucket->endpoint);
    bucket->region = memory_copy_text(region);
    bucket->endpoint = endpoint;
    bucket->moved = true;
    set_host(bucket);
    return 0;
}

void s3_bucket_add_arn(struct buffer *out, const struct s3_uri *uri, const char *region,
                       const char *objects)
{
    struct s3_arn arn;
    if (s3_arn_is(uri->bucket) && !s3_arn_read(&arn, uri->bucket))
        buffer_printf(out, "%.*s/%.*s%s", (int)(arn.name.text - 1 - uri->bucket), uri->bucket,
                      (int)arn.name.size, arn.name.text, objects ? "/object" : "");
    else
        buffer_printf(out, "arn:%s:s3:::%s", partition_of_region(region)->name, uri->bucket);
    if (objects)
        buffer_printf(out, "/%s", objects);
}

void s3_bucket_add_known_region(const struct s3_bucket *bucket, struct buffer *text)
{
    if (bucket->moved)
        known_regions_add(text, bucket->region, bucket->uri.bucket, bucket->settings.rules.url);
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
    credentials_keeper_free(bucket->credentials);
    free(bucket->region);
    free(bucket->given_region);
    s3_settings_free(&bucket->settings);
    s3_endpoint_free(&bucket->endpoint);
    EVP_MD_free(bucket->md5);
    *bucket = (struct s3_bucket){0};
}
