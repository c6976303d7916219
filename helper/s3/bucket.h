/* A bucket: its name, where it is, and the credentials that requests to it are signed with. */
#ifndef S3_BUCKET_H
#define S3_BUCKET_H

#include <openssl/evp.h>
#include <stdbool.h>

#include "aws/credentials.h"
#include "aws/signer.h"
#include "http/pool.h"
#include "s3/endpoint.h"
#include "s3/uri.h"
#include "text/buffer.h"

/* How a bucket is reached, as options and settings say; NULL: the AWS settings do. */
struct s3_access {
    const char *region;
    const char *profile;  /* of ~/.aws */
    const char *endpoint; /* URL of an S3-compatible store */
    bool is_anonymous;    /* requests are not signed, and no credentials are looked for */
};

/* Used by one thread at a time. */
struct s3_bucket {
    struct s3_uri uri;
    struct credentials_provider *credentials; /* owned; NULL: requests are not signed */
    struct signer signer;                     /* its keys are those of the last request */
    char *region;                             /* that requests are signed for */
    /* The caller's region; NULL: region is from the AWS settings, or AWS's first one. */
    char *given_region;
    bool moved; /* the store said that the bucket is in another region */
    char *url;  /* of an S3-compatible store; NULL: AWS */
    struct s3_endpoint endpoint;
    struct http_host host; /* the endpoint, as the pool knows it */
    EVP_MD *md5;           /* NULL: this OpenSSL has no MD5 (FIPS); only sizes are checked */
};

/* Combines URI with the AWS settings; what ACCESS names wins over the settings.  Sends nothing to
 * the bucket yet.  Returns 0, or -1 after adding one line to ERROR. */
int s3_bucket_open(struct s3_bucket *bucket, const char *uri, const struct s3_access *access,
                   struct buffer *error);

/* Changes the bucket's region to REGION, which the store has named.  Returns 0, or -1 when REGION
 * is not the name of a region. */
int s3_bucket_move(struct s3_bucket *bucket, const char *region);

/* Returns whether the caller gave another region than the bucket's; if so, adds one line to OUT. */
bool s3_bucket_explain_region(const struct s3_bucket *bucket, struct buffer *out);

/* Closes the bucket.  May be called again, and for a zeroed bucket. */
void s3_bucket_close(struct s3_bucket *bucket);

#endif
