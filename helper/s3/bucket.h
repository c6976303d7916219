/* A bucket: its name, where it is, and the credentials that requests to it are signed with. */
#ifndef S3_BUCKET_H
#define S3_BUCKET_H

#include <openssl/evp.h>
#include <stdbool.h>

#include "aws/credentials.h"
#include "aws/signer.h"
#include "http/pool.h"
#include "s3/bandwidth.h"
#include "s3/endpoint.h"
#include "s3/settings.h"
#include "s3/uri.h"
#include "text/buffer.h"

/* What the caller says of the access to a bucket, which wins over the AWS settings; NULL: nothing. */
struct s3_access {
    const char *region;
    const char *profile;
    const char *endpoint; /* a URL */
    const char
        *likely_region;  /* where S3 has found the bucket before; wins over the AWS settings */
    bool is_anonymous;   /* requests are not signed, and no credentials are looked for */
    bool requester_pays; /* requests say that their sender pays for them */
};

/* Used by one thread at a time. */
struct s3_bucket {
    struct s3_uri uri;
    struct credentials_keeper *credentials; /* owned; NULL: requests are not signed */
    struct signer signer;                   /* its keys are those of the last request */
    char *region;                           /* that requests are signed for */
    /* The caller's region; NULL: region is from the AWS settings, or AWS's first one. */
    char *given_region;
    bool moved; /* the store said that the bucket is in another region */
    bool requester_pays;
    struct s3_settings settings;
    struct s3_endpoint endpoint;
    struct http_host host; /* the endpoint, as the pool knows it */
    struct s3_bandwidth bandwidth;
    EVP_MD *md5; /* NULL: this OpenSSL has no MD5 (FIPS); only sizes are checked */
};

/* Combines URI with the AWS settings and ACCESS.  Sends nothing yet.  Returns 0, or -1 after adding
 * one line to ERROR. */
int s3_bucket_open(struct s3_bucket *bucket, const char *uri, const struct s3_access *access,
                   struct buffer *error);

/* Returns a pool for the bucket's requests (http/pool.h), with up to SLOTS of them at once, or with fewer if the
 * settings want that. */
struct http_pool *s3_bucket_pool(const struct s3_bucket *bucket, unsigned slots,
                                 struct buffer *error);

/* Whether the bucket is in an S3-compatible store, or at any other address than AWS's own. */
bool s3_bucket_has_url(const struct s3_bucket *bucket);

/* Whether a TEXT of the store must not be printed, since it holds a part of the credentials. */
bool s3_bucket_has_secret_in(const struct s3_bucket *bucket, const char *text);

/* Changes the bucket's region to REGION, which the store has named.  Returns 0, or -1 when REGION
 * is not the name of a region. */
int s3_bucket_move(struct s3_bucket *bucket, const char *region);

/* Returns whether the caller gave another region than the bucket's; if so, adds one line to OUT. */
bool s3_bucket_explain_region(const struct s3_bucket *bucket, struct buffer *out);

/* Adds the ARN of the bucket to OUT, or, with OBJECTS, that of its objects whose keys fit this
 * pattern, such as "*". */
void s3_bucket_add_arn(struct buffer *out, const struct s3_uri *uri, const char *region,
                       const char *objects);

/* Closes the bucket.  May be called again, and for a zeroed bucket. */
void s3_bucket_close(struct s3_bucket *bucket);

#endif
