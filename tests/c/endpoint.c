/* The addresses of buckets, in every partition and by every rule; they are those of the AWS command line tools. */
#include "s3/endpoint.h"

#include <stdlib.h>

#include "aws/partition.h"
#include "tap.h"

#define AP "arn:aws:s3:eu-west-1:123456789012:accesspoint/my-ap"

enum { FIPS = 1, DUAL = 2, FAST = 4, GLOBAL = 8, PATH = 16, VIRTUAL = 32 };

static void check(const char *url, int flags, const char *bucket, const char *region,
                  const char *want)
{
    char *copy = url ? strdup(url) : NULL;
    const struct s3_endpoint_rules rules = {.url = copy,
                                            .addressing = flags & PATH      ? S3_ADDRESSING_PATH
                                                          : flags & VIRTUAL ? S3_ADDRESSING_VIRTUAL
                                                                            : S3_ADDRESSING_AUTO,
                                            .fips = flags & FIPS,
                                            .dual_stack = flags & DUAL,
                                            .accelerate = flags & FAST,
                                            .global = flags & GLOBAL};
    struct s3_endpoint endpoint;
    struct buffer error = {0}, got = {0};
    bool made = s3_endpoint_make(&endpoint, &rules, bucket, region, &error);
    if (made)
        buffer_printf(&got, "%s%s", endpoint.origin, endpoint.path);
    if (want)
        is_text(made ? got.data : error.data, made ? got.size : error.size, want, want);
    else
        ok(!made && error.size && !strchr(error.data, '\n'), "%s at %s in %s: %s", bucket,
           url ? url : "AWS", region, made ? got.data : error.data);
    if (made)
        s3_endpoint_free(&endpoint);
    buffer_free(&error);
    buffer_free(&got);
    free(copy);
}

int main(void)
{
    check(NULL, 0, "logs", "eu-west-1", "https://logs.s3.eu-west-1.amazonaws.com");
    check(NULL, FIPS, "logs", "eu-west-1", "https://logs.s3-fips.eu-west-1.amazonaws.com");
    check(NULL, DUAL, "logs", "eu-west-1", "https://logs.s3.dualstack.eu-west-1.amazonaws.com");
    check(NULL, FIPS | DUAL, "logs", "eu-west-1",
          "https://logs.s3-fips.dualstack.eu-west-1.amazonaws.com");
    check(NULL, 0, "logs", "us-east-1", "https://logs.s3.us-east-1.amazonaws.com");
    check(NULL, GLOBAL, "logs", "us-east-1", "https://logs.s3.amazonaws.com");
    check(NULL, GLOBAL, "my.logs", "us-east-1", "https://s3.amazonaws.com/my.logs");
    check(NULL, GLOBAL, "logs", "eu-west-1", "https://logs.s3.eu-west-1.amazonaws.com");
    check(NULL, GLOBAL | FIPS, "logs", "us-east-1", "https://logs.s3-fips.us-east-1.amazonaws.com");
    check(NULL, GLOBAL | DUAL, "logs", "us-east-1",
          "https://logs.s3.dualstack.us-east-1.amazonaws.com");
    check(NULL, 0, "logs", "cn-north-1", "https://logs.s3.cn-north-1.amazonaws.com.cn");
    check(NULL, DUAL, "logs", "cn-north-1",
          "https://logs.s3.dualstack.cn-north-1.amazonaws.com.cn");
    check(NULL, FIPS, "logs", "cn-north-1", NULL);
    check(NULL, 0, "logs", "us-gov-west-1", "https://logs.s3.us-gov-west-1.amazonaws.com");
    check(NULL, FIPS, "logs", "us-gov-west-1", "https://logs.s3-fips.us-gov-west-1.amazonaws.com");
    check(NULL, 0, "logs", "us-iso-east-1", "https://logs.s3.us-iso-east-1.c2s.ic.gov");
    check(NULL, 0, "logs", "us-isob-east-1", "https://logs.s3.us-isob-east-1.sc2s.sgov.gov");
    check(NULL, 0, "logs", "eu-isoe-west-1", "https://logs.s3.eu-isoe-west-1.cloud.adc-e.uk");
    check(NULL, 0, "logs", "us-isof-south-1", "https://logs.s3.us-isof-south-1.csp.hci.ic.gov");
    check(NULL, 0, "logs", "eusc-de-east-1", "https://logs.s3.eusc-de-east-1.amazonaws.eu");
    check(NULL, FIPS, "logs", "eusc-de-east-1", "https://logs.s3-fips.eusc-de-east-1.amazonaws.eu");
    check(NULL, 0, "logs", "mars-north-9", "https://logs.s3.mars-north-9.amazonaws.com");

    check(NULL, PATH, "logs", "eu-west-1", "https://s3.eu-west-1.amazonaws.com/logs");
    check(NULL, VIRTUAL, "logs", "eu-west-1", "https://logs.s3.eu-west-1.amazonaws.com");
    check(NULL, 0, "my.logs", "eu-west-1", "https://s3.eu-west-1.amazonaws.com/my.logs");
    check(NULL, VIRTUAL, "my.logs", "eu-west-1", "https://s3.eu-west-1.amazonaws.com/my.logs");
    check(NULL, FIPS, "my.logs", "eu-west-1", "https://s3-fips.eu-west-1.amazonaws.com/my.logs");
    check(NULL, DUAL, "my.logs", "eu-west-1",
          "https://s3.dualstack.eu-west-1.amazonaws.com/my.logs");
    check(NULL, 0, "My_Logs", "us-east-1", "https://s3.us-east-1.amazonaws.com/My_Logs");
    check(NULL, 0, "my-ap-aaaaaaaaaaaaaaaaaaaaaaaaaa-s3alias", "eu-west-1",
          "https://my-ap-aaaaaaaaaaaaaaaaaaaaaaaaaa-s3alias.s3.eu-west-1.amazonaws.com");

    check(NULL, FAST, "logs", "eu-west-1", "https://logs.s3-accelerate.amazonaws.com");
    check(NULL, FAST | DUAL, "logs", "eu-west-1",
          "https://logs.s3-accelerate.dualstack.amazonaws.com");
    check(NULL, FAST | FIPS, "logs", "eu-west-1", NULL);
    check(NULL, FAST | PATH, "logs", "eu-west-1", "https://logs.s3-accelerate.amazonaws.com");
    check(NULL, FAST, "my.logs", "eu-west-1", NULL);
    check(NULL, FAST, AP, "eu-west-1", NULL);
    check(NULL, FAST | PATH, "my.logs", "eu-west-1", NULL);
    check("https://s3.example.com", FAST, "logs", "eu-west-1", NULL);
    check("https://s3-accelerate.amazonaws.com", FAST, "logs", "eu-west-1", NULL);

    check("https://s3-accelerate.amazonaws.com", 0, "logs", "eu-west-1",
          "https://logs.s3-accelerate.amazonaws.com");
    check("https://s3-accelerate.dualstack.amazonaws.com/", 0, "logs", "eu-west-1",
          "https://logs.s3-accelerate.dualstack.amazonaws.com");
    check("https://s3-accelerate.amazonaws.com", 0, "my.logs", "eu-west-1",
          "https://s3-accelerate.amazonaws.com/my.logs");
    check("https://s3-accelerate.amazonaws.com", PATH, "logs", "eu-west-1",
          "https://s3-accelerate.amazonaws.com/logs");
    check("https://s3-accelerate.amazonaws.com:443", 0, "logs", "eu-west-1",
          "https://s3-accelerate.amazonaws.com:443/logs");
    check("https://s3-accelerate.other.amazonaws.com", 0, "logs", "eu-west-1",
          "https://s3-accelerate.other.amazonaws.com/logs");

    check(NULL, 0, AP, "eu-west-1",
          "https://my-ap-123456789012.s3-accesspoint.eu-west-1.amazonaws.com");
    check(NULL, PATH, AP, "eu-west-1",
          "https://my-ap-123456789012.s3-accesspoint.eu-west-1.amazonaws.com");
    check(NULL, GLOBAL, AP, "us-east-1",
          "https://my-ap-123456789012.s3-accesspoint.us-east-1.amazonaws.com");
    check(NULL, FIPS, AP, "eu-west-1",
          "https://my-ap-123456789012.s3-accesspoint-fips.eu-west-1.amazonaws.com");
    check(NULL, DUAL, AP, "eu-west-1",
          "https://my-ap-123456789012.s3-accesspoint.dualstack.eu-west-1.amazonaws.com");
    check(NULL, FIPS | DUAL, AP, "eu-west-1",
          "https://my-ap-123456789012.s3-accesspoint-fips.dualstack.eu-west-1.amazonaws.com");
    check("https://s3.example.com", 0, AP, "eu-west-1",
          "https://my-ap-123456789012.s3.example.com");
    check("https://s3.example.com/base/", PATH, AP, "eu-west-1",
          "https://my-ap-123456789012.s3.example.com/base");
    check(NULL, 0, "logs--euw1-az1--x-s3", "eu-west-1", NULL);
    check(NULL, 0, "logs-aaaa--op-s3", "eu-west-1", NULL);

    check("http://127.0.0.1:9000", 0, "logs", "x", "http://127.0.0.1:9000/logs");
    check("http://127.0.0.1:9000", FIPS | DUAL, "logs", "cn-north-1", "http://127.0.0.1:9000/logs");
    check("http://127.0.0.1:9000", VIRTUAL, "logs", "x", "http://127.0.0.1:9000/logs");
    check("https://[::1]:9000", VIRTUAL, "logs", "x", "https://[::1]:9000/logs");
    check("https://s3.example.com", VIRTUAL, "logs", "x", "https://logs.s3.example.com");
    check("https://s3.example.com:444/base/", VIRTUAL, "logs", "x",
          "https://logs.s3.example.com:444/base");
    check("https://s3.example.com", VIRTUAL, "my.logs", "x", "https://s3.example.com/my.logs");
    check("http://s3.example.com", VIRTUAL, "my.logs", "x", "http://my.logs.s3.example.com");
    check("https://s3.example.com/base/", 0, "logs", "x", "https://s3.example.com/base/logs");
    check("https://s3.example.com/", 0, "My_Logs", "x", "https://s3.example.com/My_Logs");
    check("ftp://s3.example.com", 0, "logs", "x", NULL);
    check("s3.example.com", 0, "logs", "x", NULL);
    check("https://", 0, "logs", "x", NULL);
    check("https://user:word@s3.example.com", 0, "logs", "x",
          "endpoint https://***@s3.example.com: must be a scheme, a host and perhaps a port, as in "
          "https://s3.example.com:9000");
    check("https://s3.example.com?a=b", 0, "logs", "x", NULL);
    check("https://s3.example.com/a b", 0, "logs", "x", NULL);

    struct s3_endpoint endpoint;
    struct s3_endpoint_rules rules = {.url = strdup("https://s3.example.com:443/")};
    struct buffer error = {0};
    if (ok(s3_endpoint_make(&endpoint, &rules, "logs", "x", &error), "a port of the scheme")) {
        is_text(endpoint.origin, strlen(endpoint.origin), "https://s3.example.com:443", "origin");
        is_text(endpoint.host, strlen(endpoint.host), "s3.example.com", "host");
        s3_endpoint_free(&endpoint);
    }
    free(rules.url);

    static const char *const pairs[][3] = {
        {"same", NULL, NULL},
        {"same", "http://127.0.0.1:9000", "http://127.0.0.1:9000/"},
        {"same", "https://S3.Example.com//", "https://s3.example.com:443"},
        {"same", "http://s3.example.com:80", "http://s3.example.com"},
        {"same", "https://s3.example.com/base/", "https://s3.example.com/base"},
        {"same", "no URL", "no URL"},
        {"other", "http://s3.example.com", NULL},
        {"other", "no URL", "no other URL"},
        {"other", "https://s3.example.com/base", "https://s3.example.com/Base"},
        {"other", "https://s3.example.com/base", "https://s3.example.com"},
        {"other", "http://s3.example.com:443", "https://s3.example.com:443"},
        {"other", "http://127.0.0.1:9000", "http://127.0.0.1:9001"},
        {"same", "https://s3.eu-west-1.amazonaws.com", NULL},
        {"same", "https://S3.amazonaws.com:443/", "http://s3-eu-west-1.amazonaws.com"},
        {"same", "https://s3.dualstack.eu-west-1.amazonaws.com", NULL},
        {"same", "https://s3-fips.us-gov-west-1.amazonaws.com", NULL},
        {"same", "https://s3-accelerate.amazonaws.com", NULL},
        {"same", "https://s3.cn-north-1.amazonaws.com.cn", NULL},
        {"same", "https://bucket.vpce-1a2b-3c.s3.eu-west-1.vpce.amazonaws.com", NULL},
        {"other", "http://ec2-192-0-2-1.eu-west-1.compute.amazonaws.com:9000", NULL},
        {"other", "http://s3-minio-12.eu-west-1.elb.amazonaws.com", NULL},
        {"other", "http://.s3.amazonaws.com", NULL},
        {"other", "https://s3.example-amazonaws.com", NULL},
        {"other", "https://amazonaws.com", NULL},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const char *a = pairs[i][1], *b = pairs[i][2];
        bool is = *pairs[i][0] == 's';
        ok(s3_endpoint_is_same(a, b) == is && s3_endpoint_is_same(b, a) == is, "%s and %s: %s",
           a ? a : "AWS", b ? b : "AWS", pairs[i][0]);
    }

    static const char *const places[][2] = {
        {"https://logs.s3.us-west-2.amazonaws.com", "us-west-2"},
        {"https://s3.us-west-2.amazonaws.com:443/logs", "us-west-2"},
        {"https://logs.S3-us-west-2.amazonaws.com", "us-west-2"},
        {"https://my.logs.s3.dualstack.eu-west-1.amazonaws.com", "eu-west-1"},
        {"https://logs.s3-fips.dualstack.us-gov-west-1.amazonaws.com", "us-gov-west-1"},
        {"https://logs.s3.cn-north-1.amazonaws.com.cn", "cn-north-1"},
        {"https://logs.s3.cn-north-1.amazonaws.com", NULL},
        {"https://logs.s3.amazonaws.com", NULL},
        {"https://s3-external-1.amazonaws.com", NULL},
        {"https://logs.s3-accelerate.amazonaws.com", NULL},
        {"https://sts.us-west-2.amazonaws.com", NULL},
        {"https://us-west-2.amazonaws.com", NULL},
        {"https://.amazonaws.com", NULL},
        {"https://..amazonaws.com", NULL},
        {"https://logs.s3.us-west-2.example.com", NULL},
        {"logs.s3.us-west-2.amazonaws.com", NULL},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *region = s3_endpoint_find_region(places[i][0]);
        const char *want = places[i][1];
        ok(!region == !want && (!want || !strcmp(region, want)), "%s: %s", places[i][0],
           region ? region : "no region");
        free(region);
    }

    ok(partition_named("aws-cn", 6) == partition_of_region("cn-northwest-1") &&
           partition_named("aws", 3) == partition_of_region("eu-isle-1") &&
           partition_named("aws", 3) == partition_of_region(NULL) && !partition_named("aw", 2),
       "partitions by their names and regions");
    return done_testing();
}
