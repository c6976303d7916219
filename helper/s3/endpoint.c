#include "s3/endpoint.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "aws/partition.h"
#include "aws/region.h"
#include "memory/allocate.h"
#include "s3/arn.h"
#include "s3/uri.h"
#include "text/url.h"

/* The parts of a URL, which point into its text. */
struct url {
    const char *text, *host, *path;
    size_t host_size; /* with the port */
    size_t path_size; /* without slashes at the end */
    bool https;
};

/* Returns whether the bucket's name can be the first part of a host's name; over https, one without
 * dots, which a wildcard certificate covers. */
static bool fits_host(const char *bucket, bool https)
{
    static const char allowed[] = ".-abcdefghijklmnopqrstuvwxyz0123456789";
    size_t size = strlen(bucket);
    return size >= 3 && size <= 63 && strspn(bucket, allowed + https) == size && bucket[0] != '-' &&
           bucket[size - 1] != '-' && bucket[0] != '.' && bucket[size - 1] != '.' &&
           !strstr(bucket, "..");
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && !strcmp(text + size - end_size, end);
}

/* ---- a URL ---------------------------------------------------------------------------------- */

static const char *read_url(struct url *url, const char *text)
{
    *url = (struct url){.text = text, .https = !strncmp(text, "https://", 8)};
    if (!url->https && strncmp(text, "http://", 7) != 0)
        return "must begin with https:// or http://";
    url->host = text + (url->https ? 8 : 7);
    url->host_size = strcspn(url->host, "/?#");
    url->path = url->host + url->host_size;
    url->path_size = strlen(url->path);
    while (url->path_size && url->path[url->path_size - 1] == '/')
        url->path_size--;
    if (!url->host_size || strpbrk(text, " ?#@%\\\r\n\t\"<>"))
        return "must be a scheme, a host and perhaps a port, as in https://s3.example.com:9000";
    return NULL;
}

static bool is_address(const struct url *url)
{
    struct buffer host = {0};
    struct in_addr address;
    buffer_add(&host, url->host, url->host_size);
    host.data[strcspn(host.data, ":")] = '\0';
    bool is = *url->host == '[' || inet_pton(AF_INET, host.data, &address) == 1;
    buffer_free(&host);
    return is;
}

/* Returns whether the host is one of S3's acceleration, as botocore recognizes it: without a port. */
static bool is_accelerated(const struct url *url)
{
    static const char *const hosts[] = {"s3-accelerate.amazonaws.com",
                                        "s3-accelerate.dualstack.amazonaws.com"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (url->host_size == strlen(hosts[i]) && !memcmp(url->host, hosts[i], url->host_size))
            return true;
    return false;
}

static void drop_default_port(struct buffer *host, bool https)
{
    char *port = strrchr(host->data, ':');
    if (port && !strcmp(port, https ? ":443" : ":80")) {
        *port = '\0';
        host->size = (size_t)(port - host->data);
    }
}

/* ---- two URLs ------------------------------------------------------------------------------- */

/* Returns whether HOST, in small letters, is S3's at AWS:
 *
 *     s3.REGION.DOMAIN           s3-fips and s3-accelerate, too; all perhaps with .dualstack behind them
 *     s3.DOMAIN, s3-REGION.DOMAIN
 *     NAME.s3.REGION.vpce.DOMAIN
 */
static bool is_aws_host(const char *host)
{
    const char *domain = partition_domain_of_host(host), *dot = strchr(host, '.');
    if (!domain || domain == host)
        return false;
    return !strncmp(host, "s3.", 3) || !strncmp(host, "s3-fips.", 8) ||
           !strncmp(host, "s3-accelerate.", 14) ||
           (!strncmp(host, "s3-", 3) && dot + 1 == domain) ||
           (strstr(host, ".s3.") && domain - host > 5 && !strncmp(domain - 5, "vpce.", 5));
}

/* Adds the host in small letters, without the port of the scheme. */
static void add_host(struct buffer *host, const struct url *url)
{
    buffer_add(host, url->host, url->host_size);
    for (char *c = host->data; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    drop_default_port(host, url->https);
}

/* Adds the form of the URL in which it can be compared; "" for AWS. */
static void add_comparable(struct buffer *out, const char *text)
{
    struct url url;
    buffer_add_text(out, "");
    if (!text)
        return;
    if (read_url(&url, text)) {
        buffer_add_text(out, text);
        return;
    }
    add_host(out, &url);
    if (is_aws_host(out->data)) {
        buffer_clear(out);
        buffer_add_text(out, "");
        return;
    }
    buffer_printf(out, "%.*s %s", (int)url.path_size, url.path, url.https ? "https" : "http");
}

bool s3_endpoint_is_same(const char *a, const char *b)
{
    struct buffer first = {0}, second = {0};
    add_comparable(&first, a);
    add_comparable(&second, b);
    bool is_same = !strcmp(first.data, second.data);
    buffer_free(&first);
    buffer_free(&second);
    return is_same;
}

/* Returns the name of a region that is the last label of the SIZE bytes at HOST:
 *
 *     s3.REGION, s3-fips.REGION      both perhaps with .dualstack before REGION, and with a bucket in front
 *     s3-REGION
 */
static char *find_region(const char *host, size_t size)
{
    struct buffer label = {0}, before = {0};
    size_t start = size;
    while (start && host[start - 1] != '.')
        start--;
    buffer_add_text(&before, ".");
    buffer_add(&before, host, start);
    buffer_add_text(&label, "");
    buffer_add(&label, host + start, size - start);
    bool is_old = !strncmp(label.data, "s3-", 3);
    const char *name = label.data + (is_old ? 3 : 0);
    const char *dash = strchr(name, '-');
    bool is_region =
        dash && strchr(dash + 1, '-') && region_is_name(name) &&
        (is_old || ends_with(before.data, ".s3.") || ends_with(before.data, ".s3-fips.") ||
         ends_with(before.data, ".s3.dualstack.") || ends_with(before.data, ".s3-fips.dualstack."));
    char *region = is_region ? memory_copy_text(name) : NULL;
    buffer_free(&label);
    buffer_free(&before);
    return region;
}

char *s3_endpoint_find_region(const char *text)
{
    struct url url;
    struct buffer host = {0};
    char *region = NULL;
    if (read_url(&url, text))
        return NULL;
    add_host(&host, &url);
    const char *domain = partition_domain_of_host(host.data);
    if (domain && domain > host.data + 1)
        region = find_region(host.data, (size_t)(domain - 1 - host.data));
    if (region && strcmp(partition_of_region(region)->domain, domain) != 0) {
        free(region);
        region = NULL;
    }
    buffer_free(&host);
    return region;
}

/* ---- rules that cannot be followed ---------------------------------------------------------- */

/* Returns NULL, or an error (static): rules exclude each other, or are not supported. */
static const char *check_rules(const struct s3_endpoint_rules *rules, const char *bucket,
                               const struct partition *partition)
{
    if (ends_with(bucket, "--x-s3") && !rules->url)
        return "directory buckets (S3 Express One Zone) are not supported; CloudFront writes no "
               "logs there";
    if (ends_with(bucket, "--op-s3"))
        return "S3 on Outposts is not supported; copy the logs into a bucket of a region";
    if (rules->accelerate && rules->url)
        return "use_accelerate_endpoint cannot be used with an endpoint; remove one of these "
               "settings";
    if (rules->accelerate && !strcmp(partition->name, "aws-cn"))
        return "S3 has no acceleration in this region; remove use_accelerate_endpoint";
    if (rules->accelerate && rules->fips)
        return "use_accelerate_endpoint cannot be used with use_fips_endpoint; remove one of these "
               "settings";
    if (rules->accelerate && (s3_arn_is(bucket) || !fits_host(bucket, true)))
        return "use_accelerate_endpoint cannot be used with this bucket, whose requests do not "
               "have the bucket's name in the host name; remove this setting";
    if (rules->fips && !rules->url && !partition->has_s3_fips)
        return "S3 has no FIPS endpoints in this region; remove use_fips_endpoint, or "
               "AWS_USE_FIPS_ENDPOINT";
    return NULL;
}

/* ---- the address ---------------------------------------------------------------------------- */

/* Returns whether the bucket's name is the first part of the host's name. */
static bool is_in_host(const char *bucket, const struct s3_endpoint_rules *rules,
                       const struct url *url)
{
    if (!fits_host(bucket, url->https))
        return false;
    if (!rules->url)
        return rules->accelerate || rules->addressing != S3_ADDRESSING_PATH;
    if (rules->addressing == S3_ADDRESSING_AUTO)
        return is_accelerated(url);
    return rules->addressing == S3_ADDRESSING_VIRTUAL && !is_address(url);
}

/* Adds the host of AWS after the bucket's name, or the access point's. */
static void add_aws_host(struct buffer *host, const struct s3_endpoint_rules *rules,
                         const char *service, const char *region)
{
    const char *domain = partition_of_region(region)->domain;
    const char *dual_stack = rules->dual_stack ? ".dualstack" : "";
    if (rules->accelerate)
        buffer_printf(host, "s3-accelerate%s.%s", dual_stack, domain);
    else if (rules->global && !rules->fips && !rules->dual_stack && !strcmp(service, "s3") &&
             !strcmp(region, S3_REGION_DEFAULT))
        buffer_printf(host, "s3.%s", domain);
    else
        buffer_printf(host, "%s%s%s.%s.%s", service, rules->fips ? "-fips" : "", dual_stack, region,
                      domain);
}

bool s3_endpoint_make(struct s3_endpoint *endpoint, const struct s3_endpoint_rules *rules,
                      const char *bucket, const char *region, struct buffer *error)
{
    struct buffer origin = {0}, host = {0}, path = {0};
    struct url url = {.https = true};
    struct s3_arn arn;
    const char *url_error = rules->url ? read_url(&url, rules->url) : NULL;
    const char *rule_error = check_rules(rules, bucket, partition_of_region(region));
    *endpoint = (struct s3_endpoint){NULL, NULL, NULL};
    if (url_error) {
        buffer_add_text(error, "endpoint ");
        url_add_shown(error, rules->url);
        buffer_printf(error, ": %s", url_error);
        return false;
    }
    if (rule_error) {
        buffer_add_text(error, rule_error);
        return false;
    }

    bool is_access_point = s3_arn_is(bucket) && !s3_arn_read(&arn, bucket);
    bool is_virtual = !is_access_point && is_in_host(bucket, rules, &url);
    if (is_access_point)
        buffer_printf(&host, "%.*s-%.*s.", (int)arn.name.size, arn.name.text, (int)arn.account.size,
                      arn.account.text);
    else if (is_virtual)
        buffer_printf(&host, "%s.", bucket);
    if (rules->url)
        buffer_add(&host, url.host, url.host_size);
    else
        add_aws_host(&host, rules, is_access_point ? "s3-accesspoint" : "s3", region);
    buffer_printf(&origin, "http%s://%s", url.https ? "s" : "", host.data);
    drop_default_port(&host, url.https);
    buffer_add(&path, url.path, url.path_size);
    if (!is_access_point && !is_virtual) {
        buffer_add_text(&path, "/");
        s3_uri_encode(&path, bucket, false);
    }
    *endpoint = (struct s3_endpoint){origin.data, host.data, path.data};
    return true;
}

void s3_endpoint_free(struct s3_endpoint *endpoint)
{
    free(endpoint->origin);
    free(endpoint->host);
    free(endpoint->path);
    *endpoint = (struct s3_endpoint){0};
}
