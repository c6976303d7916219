#include "s3/uri.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char scheme[] = "s3://";

bool s3_uri_is(const char *text)
{
    return !strncasecmp(text, scheme, sizeof scheme - 1);
}

const char *s3_uri_parse(struct s3_uri *uri, const char *text)
{
    *uri = (struct s3_uri){0};
    if (!s3_uri_is(text))
        return "must be s3://BUCKET/PREFIX";
    const char *bucket = text + sizeof scheme - 1;
    size_t size = strcspn(bucket, "/");
    if (!size)
        return "names no bucket; it must be s3://BUCKET/PREFIX";
    /* Capitals and underscores are in names of before 2018 in us-east-1. */
    if (strspn(bucket, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") < size)
        return "not a bucket's name: it has letters, digits, dots and dashes";
    if (size < 3 || size > 255)
        return "not a bucket's name: it has 3 to 63 characters";
    uri->bucket = strndup(bucket, size);
    uri->prefix = strdup(bucket[size] ? bucket + size + 1 : "");
    if (!uri->bucket || !uri->prefix) {
        s3_uri_free(uri);
        return "cannot be kept: out of memory";
    }
    return NULL;
}

void s3_uri_free(struct s3_uri *uri)
{
    free(uri->bucket);
    free(uri->prefix);
    *uri = (struct s3_uri){0};
}

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

bool s3_uri_encode(struct buffer *out, const char *text, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";
    bool kept = buffer_add(out, "", 0);
    while (*text) {
        size_t plain = 0;
        while (is_unreserved((unsigned char)text[plain]) || (keep_slash && text[plain] == '/'))
            plain++;
        kept = buffer_add(out, text, plain);
        text += plain;
        if (*text) {
            unsigned char c = (unsigned char)*text++;
            kept = buffer_add(out, (char[]){'%', digits[c >> 4], digits[c & 15]}, 3);
        }
    }
    return kept;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

long s3_uri_decode(char *text)
{
    char *out = text;
    for (const char *in = text; *in; in++) {
        if (*in == '%') {
            int high = hex_digit(in[1]), low = high < 0 ? -1 : hex_digit(in[2]);
            if (low < 0 || !(high | low))
                return -1;
            *out++ = (char)(high << 4 | low);
            in += 2;
        } else {
            *out++ = *in == '+' ? ' ' : *in;
        }
    }
    *out = '\0';
    return out - text;
}
