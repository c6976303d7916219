/* The proxy that libcurl uses: the variables in their order, and the hosts of no_proxy. */
#include "http/proxy.h"

#include <stdlib.h>

#include "tap.h"

/* Each: the origin, the value of no_proxy, and whether the host is in it. */
static const struct {
    const char *origin, *no_proxy;
    bool is_listed;
} cases[] = {
    {"https://logs.s3.amazonaws.com", "", false},
    {"https://logs.s3.amazonaws.com", "*", true},
    {"https://logs.s3.amazonaws.com", "a,*", false},
    {"https://logs.s3.amazonaws.com", "amazonaws.com", true},
    {"https://logs.s3.amazonaws.com", ".amazonaws.com", true},
    {"https://logs.s3.amazonaws.com", "x.org, S3.AmazonAWS.com.", true},
    {"https://logs.s3.amazonaws.com", "logs.s3.amazonaws.com", true},
    {"https://logs.s3.amazonaws.com.", "logs.s3.amazonaws.com", true},
    {"https://logs.s3.amazonaws.com", "aws.com,my.logs.s3.amazonaws.com,.", false},
    {"http://minio:9000", "minio", true},
    {"http://minio:9000", "localhost,127.0.0.1", false},
    {"http://10.1.2.3:9000", "10.1.2.3", true},
    {"http://10.1.2.3:9000", "1.2.3,10.1.2.30", false},
    {"http://10.1.2.3:9000", "10.0.0.0/8", true},
    {"http://10.1.2.3:9000", "10.1.2.0/30", true},
    {"http://10.1.2.3:9000", "10.1.2.0/31,10.1.2.3/33,10.1.2.0/0", false},
    {"http://[fd00::1]:9000", "fd00::1", true},
    {"http://[fd00::1]:9000", "fd00::/16", true},
    {"http://[fd00::1]:9000", "fd00::/128,fe80::/10", false},
};

static void is_variable(const char *origin, const char *want)
{
    const char *got = proxy_variable(origin);
    is_text(got ? got : "", strlen(got ? got : ""), want, origin);
}

int main(void)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    is_variable("https://a.org", "");
    setenv("ALL_PROXY", "http://p:1", 1);
    is_variable("http://a.org", "ALL_PROXY");
    setenv("HTTPS_PROXY", "http://p:1", 1);
    is_variable("https://a.org", "HTTPS_PROXY");
    setenv("https_proxy", "", 1);
    is_variable("https://a.org", "HTTPS_PROXY");
    setenv("https_proxy", "http://p:1", 1);
    is_variable("https://a.org", "https_proxy");
    setenv("NO_PROXY", "a.org", 1);
    is_variable("https://a.org", "");
    setenv("no_proxy", "b.org", 1);
    is_variable("https://a.org", "https_proxy");

    setenv("http_proxy", "http://p:1", 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv("no_proxy", cases[i].no_proxy, 1);
        unsetenv("NO_PROXY");
        ok(!proxy_variable(cases[i].origin) == cases[i].is_listed, "%s, no_proxy=%s",
           cases[i].origin, cases[i].no_proxy);
    }
    return done_testing();
}
