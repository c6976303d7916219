/* s3:// URIs and percent-encoding. */
#include "s3/uri.h"

#include <stdlib.h>

#include "tap.h"

static void parse(const char *text, const char *bucket, const char *prefix)
{
    struct s3_uri uri;
    const char *wrong = s3_uri_parse(&uri, text);
    if (!ok(!wrong, "%s is taken", text))
        return;
    is_text(uri.bucket, strlen(uri.bucket), bucket, "its bucket");
    is_text(uri.prefix, strlen(uri.prefix), prefix, "its prefix");
    is_text(s3_uri_prefix(text), strlen(s3_uri_prefix(text)), prefix, "its prefix, as a part");
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

static void copy_source(const char *text, const char *want)
{
    struct s3_uri uri;
    struct buffer got = {0};
    if (!ok(!s3_uri_parse(&uri, text), "%s is taken", text))
        return;
    s3_uri_add_copy_source(&got, &uri, uri.prefix);
    is_text(got.data, got.size, want, "its source of a copy");
    buffer_free(&got);
    s3_uri_free(&uri);
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

    parse("s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/logs/cdn/E1.",
          "arn:aws:s3:eu-west-1:123456789012:accesspoint/logs", "cdn/E1.");
    parse("s3://arn:aws-cn:s3:cn-north-1:123456789012:accesspoint:logs",
          "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint:logs", "");
    refuse("s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/l/x");
    refuse("s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/logs:x");
    refuse("s3://arn:aws:s3:eu-west-1:12345678901:accesspoint/logs");
    refuse("s3://arn:aws:s3:eu/west:123456789012:accesspoint/logs");
    refuse("s3://arn:mars:s3:eu-west-1:123456789012:accesspoint/logs");
    refuse("s3://arn:aws:s3::123456789012:accesspoint/logs.mrap");
    refuse("s3://arn:aws:s3:::logs");
    refuse("s3://arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/accesspoint/logs");
    refuse("s3://arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/logs");
    refuse("s3://arn:aws:sqs:eu-west-1:123456789012:logs");
    refuse("s3://arn:");

    copy_source("s3://logs/cdn/a b", "/logs/cdn/a%20b");
    copy_source("s3://arn:aws:s3:eu-west-1:123456789012:accesspoint:logs/cdn/a b",
                "arn%3Aaws%3As3%3Aeu-west-1%3A123456789012%3Aaccesspoint%3Alogs/object/cdn/a%20b");
    return done_testing();
}
