#include "aws/service.h"

#include <stdio.h>
#include <string.h>

#include "aws/authorities.h"
#include "aws/environment.h"
#include "aws/known_settings.h"
#include "aws/partition.h"
#include "aws/region.h"

enum { CONNECT_MS = 10000, WHOLE_MS = 25000, TRIES = 4, TRIES_MAX = 20, PAUSE_MS = 250 };

static const struct service {
    const char *host;     /* the part of the host's name before the region */
    const char *variable; /* names another endpoint */
    const char *id;       /* the name in a section [services NAME] */
} services[] = {
    [SERVICE_STS] = {"sts", "AWS_ENDPOINT_URL_STS", "sts"},
    [SERVICE_SSO] = {"portal.sso", "AWS_ENDPOINT_URL_SSO", "sso"},
    [SERVICE_SSO_OIDC] = {"oidc", "AWS_ENDPOINT_URL_SSO_OIDC", "sso_oidc"},
};

/* The regions that have the one global endpoint of STS when sts_regional_endpoints is legacy. */
static const char *const legacy_regions[] = {
    "ap-northeast-1", "ap-south-1",   "ap-southeast-1", "ap-southeast-2",
    "aws-global",     "ca-central-1", "eu-central-1",   "eu-north-1",
    "eu-west-1",      "eu-west-2",    "eu-west-3",      "sa-east-1",
    "us-east-1",      "us-east-2",    "us-west-1",      "us-west-2"};

/* Reads sts_regional_endpoints: IS_LEGACY becomes true if the regions above use the global endpoint
 * of STS. Returns false after adding one line to ERROR. */
static bool read_legacy(bool *is_legacy, const struct aws_session *session, struct buffer *error)
{
    const char *kind = session_get(session, "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints");
    *is_legacy = kind && !strcmp(kind, "legacy");
    if (!kind || *is_legacy || !strcmp(kind, "regional"))
        return true;
    buffer_add_text(error, "sts_regional_endpoints must be regional or legacy; correct it, or "
                           "AWS_STS_REGIONAL_ENDPOINTS");
    return false;
}

bool service_is_legacy_region(const char *region)
{
    for (size_t i = 0; i < sizeof legacy_regions / sizeof *legacy_regions; i++)
        if (!strcmp(region, legacy_regions[i]))
            return true;
    return false;
}

const char *service_configured(const struct profile *profile, const char *variable, const char *id)
{
    const char *url = environment_get(variable);
    if (!url)
        url = environment_get("AWS_ENDPOINT_URL");
    if (!url)
        url = profile_file_service(profile, id, "endpoint_url");
    return url ? url : profile_get(profile, "endpoint_url");
}

/* Returns the endpoint that the user has configured, unless such endpoints are ignored; NULL:
 * none. */
static const char *find_configured(const struct aws_session *session, const struct service *service)
{
    if (session_is_true(session, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                        "ignore_configured_endpoint_urls"))
        return NULL;
    return service_configured(session->settings, service->variable, service->id);
}

static bool add_configured(struct buffer *origin, const char *url, struct buffer *error)
{
    size_t size = strlen(url);
    const char *host = strstr(url, "://");
    if ((strncmp(url, "https://", 8) && strncmp(url, "http://", 7)) || !host[3] ||
        strpbrk(url, "?#@ \r\n\t")) {
        buffer_add_text(error, "the endpoint URL of a service of AWS must begin with https:// or "
                               "http:// and name a host; correct endpoint_url or AWS_ENDPOINT_URL");
        return false;
    }
    while (size && url[size - 1] == '/')
        size--;
    buffer_add(origin, url, size);
    return true;
}

bool service_find(struct buffer *origin, char signed_region[REGION_SIZE],
                  const struct aws_session *session, enum aws_service service, const char *region,
                  struct buffer *error)
{
    const struct service *kind = &services[service];
    bool is_fips = session_is_true(session, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    bool is_dual = session_is_true(session, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    const char *url = find_configured(session, kind);
    bool is_global = !region || !strcmp(region, "aws-global");
    if (is_global)
        region = "us-east-1";
    if (!region_is_name(region)) {
        buffer_printf(error, "region %s: must be a region's name such as eu-west-1", region);
        return false;
    }
    bool is_legacy;
    if (!read_legacy(&is_legacy, session, error))
        return false;
    const char *name;
    size_t size;
    char plain[REGION_SIZE];
    is_fips |= region_strip_fips(&name, &size, region);
    snprintf(plain, sizeof plain, "%.*s", (int)size, name);
    const struct partition *partition = partition_of_region(plain);
    is_global = service == SERVICE_STS && !is_fips && !is_dual &&
                (is_global || (is_legacy && service_is_legacy_region(plain)));
    if (signed_region)
        snprintf(signed_region, REGION_SIZE, "%s", is_global && !url ? "us-east-1" : plain);
    if (url)
        return add_configured(origin, url, error);
    if (is_global) {
        buffer_add_text(origin, "https://sts.amazonaws.com");
        return true;
    }
    /* In GovCloud, the plain names of STS are the FIPS endpoints. */
    bool is_plain = !is_fips || (service == SERVICE_STS && !strncmp(plain, "us-gov-", 7));
    buffer_printf(origin, "https://%s%s.%s.%s", kind->host, is_plain ? "" : "-fips", plain,
                  is_dual ? partition->dual_stack : partition->domain);
    return true;
}

bool service_send(struct http_message *message, const struct aws_session *session,
                  struct fetch_small_response *response, struct buffer *error)
{
    uint64_t tries = known_settings_number(session->settings, NULL, "max_attempts");
    struct http_authorities authorities = authorities_find(session->settings);
    const struct fetch_small_limits limits = {.connect_ms = CONNECT_MS,
                                              .whole_ms = WHOLE_MS,
                                              .tries = tries && tries < TRIES_MAX ? (unsigned)tries
                                                       : tries                    ? TRIES_MAX
                                                                                  : TRIES,
                                              .pause_ms = PAUSE_MS,
                                              .authorities = authorities};
    bool is_fetched = session_fetch(session, message, &limits, response, error);
    authorities_free(&authorities);
    return is_fetched;
}
