/* The address of a bucket: AWS's own, or that of an S3-compatible store. */
#ifndef S3_ENDPOINT_H
#define S3_ENDPOINT_H

#include <stdbool.h>

#include "text/buffer.h"

/* Strings are owned (malloc).  An object's URL is ORIGIN PATH "/" KEY. */
struct s3_endpoint {
    char *origin; /* "https://HOST" or "https://HOST:PORT" */
    char *host;   /* the Host header: without the port when it is the scheme's own */
    char *path;   /* before the key: "" or, in path style, "/BUCKET"; percent-encoded */
};

#define S3_REGION_DEFAULT "us-east-1"

/* Where the bucket's name stands: in the host's name (virtual), or in the path.  Acceleration has no path style. */
enum s3_addressing { S3_ADDRESSING_AUTO, S3_ADDRESSING_VIRTUAL, S3_ADDRESSING_PATH };

/* The settings that the address depends on, beside the bucket and the region. */
struct s3_endpoint_rules {
    char *url; /* https://HOST[:PORT][/PATH] or http://...; owned; NULL: AWS in the region */
    enum s3_addressing addressing;
    bool fips, dual_stack, accelerate;
    bool global; /* the host of us-east-1 has no region in its name */
};

/* Makes the endpoint of BUCKET, a name or the ARN of an access point, in REGION.
 *
 * At AWS, https and virtual-host style; path style for a name that TLS certificates for
 * *.s3.REGION.amazonaws.com do not cover.  At a URL, path style, unless the rules want the other
 * one, or the URL is that of S3's acceleration.  An access point always has a host of its own.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 *
 * Returns false after adding one line to ERROR, which names the setting or the variable. */
bool s3_endpoint_make(struct s3_endpoint *endpoint, const struct s3_endpoint_rules *rules,
                      const char *bucket, const char *region, struct buffer *error);
void s3_endpoint_free(struct s3_endpoint *endpoint);

/* Returns whether two URLs, as in the rules, are of one store: capitals in the host, the port of the scheme and slashes
 * at the end make no difference.  All hosts of S3 at AWS are the same store as NULL, since each name of a bucket exists
 * only once there. */
bool s3_endpoint_is_same(const char *a, const char *b);

/* Returns the region in the host's name of a URL of S3 at AWS, as in s3.REGION.DOMAIN; NULL: there is none.  The caller
 * frees the region. */
char *s3_endpoint_find_region(const char *url);

#endif
