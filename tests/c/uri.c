/* s3:// URIs, percent-encoding, and endpoints. */
#include "s3/uri.h"

#include <stdlib.h>

#include "s3/endpoint.h"
#include "tap.h"

static void parse(const char *text, const char *bucket, const char *prefix)
{
    struct s3_uri uri;
    const char *wrong = s3_uri_parse(&uri, text);
    if (!ok(!wrong, "%s is taken", text))
        return;
    is_text(uri.bucket, strlen(uri.bucket), bucket, "its bucket");
    is_text(uri.prefix, strlen(uri.prefix), prefix, "its prefix");
    s3_uri_free(&uri);
}

static void refuse(const char *text)
{
    struct s3_uri uri;
    const char *wrong = s3_uri_parse(&uri, text);
    ok(wrong != NULL, "%s: %s", text, wrong ? wrong : "taken");
    s3_uri_free(&uri);
}

static void encode(const char *text, bool keep_slash, const char *want)
{
    struct buffer got = {0};
    s3_uri_encode(&got, text, keep_slash);
    is_text(got.data, got.size, want, want);
    buffer_free(&got);
}

static void decode(const char *text, const char *want)
{
    char *copy = strdup(text);
    long size = s3_uri_decode(copy);
    if (want)
        is_text(copy, (size_t)size, want, text);
    else
        ok(size < 0, "%s is refused", text);
    free(copy);
}

static void endpoint(const char *url, const char *bucket, const char *region, const char *origin,
                     const char *host, const char *path)
{
    struct s3_endpoint got;
    const char *wrong = s3_endpoint_make(&got, url, bucket, region);
    if (!origin) {
        ok(wrong != NULL, "%s is refused", url);
        return;
    }
    if (!ok(!wrong, "%s in %s at %s", bucket, region, url ? url : "AWS"))
        return;
    is_text(got.origin, strlen(got.origin), origin, "origin");
    is_text(got.host, strlen(got.host), host, "host");
    is_text(got.path, strlen(got.path), path, "path");
    s3_endpoint_free(&got);
}

int main(void)
{
    parse("s3://logs", "logs", "");
    parse("s3://logs/", "logs", "");
    parse("s3://logs/cdn/E1.", "logs", "cdn/E1.");
    parse("s3://logs//x", "logs", "/x");
    parse("S3://My_Logs.old/a b%20c", "My_Logs.old", "a b%20c");
    refuse("s3://");
    refuse("s3:///x");
    refuse("s3://ab/x");
    refuse("s3://lo gs/x");
    refuse("s3://logs?x");
    refuse("/var/log");

    encode("AZaz09-._~", false, "AZaz09-._~");
    encode("a/b", true, "a/b");
    encode("a/b", false, "a%2Fb");
    encode("a b+c%d&e=f\xc3\xbc\x01*'", true, "a%20b%2Bc%25d%26e%3Df%C3%BC%01%2A%27");
    encode("", true, "");

    decode("a%20b+c%2Bd%c3%BC", "a b c+d\xc3\xbc");
    decode("%", NULL);
    decode("%4", NULL);
    decode("%zz", NULL);
    decode("a%00b", NULL);

    endpoint(NULL, "logs", "eu-west-1", "https://logs.s3.eu-west-1.amazonaws.com",
             "logs.s3.eu-west-1.amazonaws.com", "");
    endpoint(NULL, "my.logs", "us-east-1", "https://s3.us-east-1.amazonaws.com",
             "s3.us-east-1.amazonaws.com", "/my.logs");
    endpoint(NULL, "My_Logs", "us-east-1", "https://s3.us-east-1.amazonaws.com",
             "s3.us-east-1.amazonaws.com", "/My_Logs");
    endpoint(NULL, "logs", "cn-north-1", "https://logs.s3.cn-north-1.amazonaws.com.cn",
             "logs.s3.cn-north-1.amazonaws.com.cn", "");
    endpoint("http://127.0.0.1:9000", "logs", "x", "http://127.0.0.1:9000", "127.0.0.1:9000",
             "/logs");
    endpoint("https://s3.example.com:443/", "logs", "x", "https://s3.example.com:443",
             "s3.example.com", "/logs");
    endpoint("http://s3.example.com:443", "logs", "x", "http://s3.example.com:443",
             "s3.example.com:443", "/logs");
    endpoint("https://[::1]:9000", "logs", "x", "https://[::1]:9000", "[::1]:9000", "/logs");
    endpoint("ftp://s3.example.com", "logs", "x", NULL, NULL, NULL);
    endpoint("s3.example.com", "logs", "x", NULL, NULL, NULL);
    endpoint("https://", "logs", "x", NULL, NULL, NULL);
    endpoint("https://user:word@s3.example.com", "logs", "x", NULL, NULL, NULL);
    endpoint("https://s3.example.com/path", "logs", "x", NULL, NULL, NULL);
    endpoint("https://s3.example.com?a=b", "logs", "x", NULL, NULL, NULL);
    return done_testing();
}
