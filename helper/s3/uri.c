#include "s3/uri.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "memory/allocate.h"
#include "s3/arn.h"
#include "text/percent.h"

static const char scheme[] = "s3://";

bool s3_uri_is(const char *text)
{
    return !strncasecmp(text, scheme, sizeof scheme - 1);
}

void s3_uri_lower_scheme(char *text)
{
    if (s3_uri_is(text))
        memcpy(text, scheme, sizeof scheme - 1);
}

const char *s3_uri_prefix(const char *text)
{
    const char *bucket = text + sizeof scheme - 1;
    struct s3_arn arn;
    bool is_arn = s3_arn_is(bucket) && !s3_arn_read(&arn, bucket);
    const char *end = bucket + (is_arn ? arn.size : strcspn(bucket, "/"));
    return end + (*end == '/');
}

const char *s3_uri_parse(struct s3_uri *uri, const char *text)
{
    *uri = (struct s3_uri){0};
    if (!s3_uri_is(text))
        return "must be s3://BUCKET/PREFIX";
    const char *bucket = text + sizeof scheme - 1;
    if (s3_arn_is(bucket)) {
        struct s3_arn arn;
        const char *error = s3_arn_read(&arn, bucket);
        if (error)
            return error;
        uri->bucket = memory_copy_bytes(bucket, arn.size);
        uri->prefix = memory_copy_text(bucket[arn.size] ? bucket + arn.size + 1 : "");
        return NULL;
    }
    size_t size = strcspn(bucket, "/");
    if (!size)
        return "the bucket's name is missing; must be s3://BUCKET/PREFIX";
    /* Buckets created in us-east-1 before 2018 may have capitals and underscores in their names. */
    if (strspn(bucket, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") < size)
        return "not a bucket name: bucket names have letters, digits, dots and dashes";
    if (size < 3 || size > 255)
        return "not a bucket name: bucket names have 3 to 63 characters";
    uri->bucket = memory_copy_bytes(bucket, size);
    uri->prefix = memory_copy_text(bucket[size] ? bucket + size + 1 : "");
    return NULL;
}

void s3_uri_free(struct s3_uri *uri)
{
    free(uri->bucket);
    free(uri->prefix);
    *uri = (struct s3_uri){0};
}

static bool is_unreserved_or_slash(unsigned char c)
{
    return c == '/' || percent_is_unreserved(c);
}

void s3_uri_encode(struct buffer *out, const char *text, bool keep_slash)
{
    percent_encode(out, text, keep_slash ? is_unreserved_or_slash : percent_is_unreserved);
}

long s3_uri_decode(char *text)
{
    char *out = text;
    for (const char *in = text; *in; in++) {
        if (*in == '%') {
            int byte = percent_byte(in + 1);
            if (byte <= 0)
                return -1;
            *out++ = (char)byte;
            in += 2;
        } else {
            *out++ = *in == '+' ? ' ' : *in;
        }
    }
    *out = '\0';
    return out - text;
}

void s3_uri_add_copy_source(struct buffer *out, const struct s3_uri *uri, const char *key)
{
    bool is_arn = s3_arn_is(uri->bucket);
    if (!is_arn)
        buffer_add_text(out, "/");
    s3_uri_encode(out, uri->bucket, true);
    buffer_add_text(out, is_arn ? "/object/" : "/");
    s3_uri_encode(out, key, true);
}
