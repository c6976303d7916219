/* The address of a bucket: AWS's own, or that of an S3-compatible store. */
#ifndef S3_ENDPOINT_H
#define S3_ENDPOINT_H

#include <stdbool.h>

/* Strings are owned (malloc).  An object's URL is ORIGIN PATH "/" KEY. */
struct s3_endpoint {
    char *origin; /* "https://HOST" or "https://HOST:PORT" */
    char *host;   /* the Host header: without the port when it is the scheme's own */
    char *path;   /* before the key: "" or, in path style, "/BUCKET"; percent-encoded */
};

#define S3_REGION_DEFAULT "us-east-1"

/* Whether TEXT can be a region's name, which becomes part of the host's name and the signature. */
bool s3_endpoint_is_region(const char *text);

/* Makes the endpoint of BUCKET at URL, an https:// or http:// address, in path style.  With a NULL
 * URL: at AWS in REGION over https, in virtual-host style, or in path style for a name that TLS
 * certificates for *.s3.REGION.amazonaws.com do not cover.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 * Returns NULL, or an error about URL (static). */
const char *s3_endpoint_make(struct s3_endpoint *endpoint, const char *url, const char *bucket,
                             const char *region);
void s3_endpoint_free(struct s3_endpoint *endpoint);

#endif
