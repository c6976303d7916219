#include "s3/settings.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/authorities.h"
#include "aws/environment.h"
#include "aws/known_settings.h"
#include "aws/region.h"
#include "aws/service.h"
#include "memory/allocate.h"
#include "s3/bandwidth.h"

/* The value of a setting, and where it stands. */
struct value {
    const char *text; /* NULL: it is not given */
    const char *name; /* of the variable or the setting */
    bool is_variable;
};

/* Finds a setting: the variable, the profile's section s3, the profile.  Each name may be NULL. */
static struct value find(const struct profile *profile, const char *variable, const char *nested,
                         const char *setting)
{
    const char *text = variable ? environment_get(variable) : NULL;
    if (text)
        return (struct value){text, variable, true};
    if (nested && (text = profile_get_nested(profile, "s3", nested)))
        return (struct value){text, nested, false};
    return (struct value){setting ? profile_get(profile, setting) : NULL, setting, false};
}

static bool refuse(const struct value *value, const struct profile *profile, const char *allowed,
                   struct buffer *error)
{
    if (value->is_variable)
        buffer_printf(error, "%s=%s: must be %s; correct the variable", value->name, value->text,
                      allowed);
    else
        buffer_printf(error, "AWS profile %s: %s = %s: must be %s; correct the setting in %s",
                      profile->name, value->name, value->text, allowed,
                      profile_file_path(profile->file, PROFILE_CONFIG));
    return false;
}

/* Reads true or false into *FLAG, which keeps its value when the setting is not given. */
static bool read_flag(bool *flag, const struct value *value, const struct profile *profile,
                      struct buffer *error)
{
    bool is_true = value->text && !strcasecmp(value->text, "true");
    if (!value->text)
        return true;
    if (!is_true && strcasecmp(value->text, "false") != 0)
        return refuse(value, profile, "true or false", error);
    *flag = is_true;
    return true;
}

/* Reads use_dualstack_endpoint.  As in botocore, true in the section s3 counts even if the variable
 * or the profile says false. */
static bool read_dual_stack(struct s3_endpoint_rules *rules, const struct profile *profile,
                            struct buffer *error)
{
    static const char name[] = "use_dualstack_endpoint";
    const struct value general = find(profile, "AWS_USE_DUALSTACK_ENDPOINT", NULL, name);
    const struct value of_s3 = find(profile, NULL, name, NULL);
    bool is_on_for_s3 = false;
    bool is_read = read_flag(&rules->dual_stack, &general, profile, error) &&
                   read_flag(&is_on_for_s3, &of_s3, profile, error);
    rules->dual_stack |= is_on_for_s3;
    return is_read;
}

static bool read_addressing(struct s3_endpoint_rules *rules, const struct profile *profile,
                            struct buffer *error)
{
    const struct value style = find(profile, NULL, "addressing_style", NULL);
    if (!style.text || !strcmp(style.text, "auto"))
        return true;
    rules->addressing = !strcmp(style.text, "path") ? S3_ADDRESSING_PATH : S3_ADDRESSING_VIRTUAL;
    return !strcmp(style.text, "path") || !strcmp(style.text, "virtual") ||
           refuse(&style, profile, "auto, virtual or path", error);
}

static bool read_global(struct s3_endpoint_rules *rules, const struct profile *profile,
                        struct buffer *error)
{
    const struct value kind = find(profile, "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT",
                                   "us_east_1_regional_endpoint", "s3_us_east_1_regional_endpoint");
    if (!kind.text)
        return true;
    rules->global = !strcmp(kind.text, "legacy");
    return rules->global || !strcmp(kind.text, "regional") ||
           refuse(&kind, profile, "regional or legacy", error);
}

/* Sets the endpoint's URL: the given one, else the first that is configured, unless the settings
 * say that configured URLs are ignored. */
static bool read_url(struct s3_endpoint_rules *rules, const struct profile *profile,
                     const char *url, struct buffer *error)
{
    const struct value ignores = find(profile, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", NULL,
                                      "ignore_configured_endpoint_urls");
    bool is_ignored = false;
    if (!read_flag(&is_ignored, &ignores, profile, error))
        return false;
    if (!url && !is_ignored)
        url = service_configured(profile, "AWS_ENDPOINT_URL_S3", "s3");
    rules->url = memory_copy_optional(url);
    return true;
}

/* Sets the region, and replaces names that are no regions.  Such names of other partitions, as
 * aws-cn-global, have no S3. */
static bool read_region(struct s3_settings *settings, const char *region, struct buffer *error)
{
    const char *plain;
    size_t size;
    settings->rules.fips |= region_strip_fips(&plain, &size, region);
    settings->region = memory_copy_bytes(plain, size);
    if (!strcmp(settings->region, "aws-global")) {
        free(settings->region);
        settings->region = memory_copy_text(S3_REGION_DEFAULT);
        settings->rules.global = true;
    }
    bool is_known = settings->rules.url || strncmp(settings->region, "aws-", 4) != 0;
    if (!is_known)
        buffer_printf(error,
                      "region %s: S3 has no address by this name; write the region of the bucket",
                      region);
    return is_known;
}

static unsigned read_count(const struct profile *profile, const char *below, const char *name)
{
    uint64_t count = known_settings_number(profile, below, name);
    return count < UINT_MAX ? (unsigned)count : UINT_MAX;
}

/* Reads max_bandwidth.  Below S3_BANDWIDTH_MIN, requests would seem to stall. */
static bool read_bandwidth(struct s3_settings *settings, const struct profile *profile,
                           struct buffer *error)
{
    static const char name[] = "max_bandwidth";
    settings->bandwidth = known_settings_number(profile, "s3", name);
    if (!settings->bandwidth || settings->bandwidth >= S3_BANDWIDTH_MIN)
        return true;
    profile_add_place(error, profile, "s3", name);
    buffer_printf(error, ": %s = %s: must be at least 16KB/s; correct it", name,
                  profile_get_nested(profile, "s3", name));
    return false;
}

bool s3_settings_read(struct s3_settings *settings, const struct aws_settings *aws, const char *url,
                      struct buffer *error)
{
    const struct profile *profile = &aws->profile;
    struct s3_endpoint_rules *rules = &settings->rules;
    const struct value fips = find(profile, "AWS_USE_FIPS_ENDPOINT", NULL, "use_fips_endpoint");
    const struct value accelerate = find(profile, NULL, "use_accelerate_endpoint", NULL);
    const struct value arn_region =
        find(profile, "AWS_S3_USE_ARN_REGION", "use_arn_region", "s3_use_arn_region");
    bool uses_arn_region = true;
    *settings = (struct s3_settings){NULL};
    bool is_read = read_flag(&rules->fips, &fips, profile, error) &&
                   read_dual_stack(rules, profile, error) &&
                   read_flag(&rules->accelerate, &accelerate, profile, error) &&
                   read_flag(&uses_arn_region, &arn_region, profile, error) &&
                   read_addressing(rules, profile, error) && read_global(rules, profile, error) &&
                   read_url(rules, profile, url, error) && read_bandwidth(settings, profile, error);
    settings->keeps_region = !uses_arn_region;
    settings->authorities = authorities_find(profile);
    settings->requests = read_count(profile, "s3", "max_concurrent_requests");
    settings->tries = read_count(profile, NULL, "max_attempts");
    return is_read && (!aws->region || read_region(settings, aws->region, error));
}

void s3_settings_free(struct s3_settings *settings)
{
    free(settings->region);
    free(settings->rules.url);
    authorities_free(&settings->authorities);
    *settings = (struct s3_settings){NULL};
}
