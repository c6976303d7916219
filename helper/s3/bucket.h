/* A bucket: its name, its address, and the credentials that sign the requests. */
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

/* The caller's own settings of the access to a bucket.  They replace the AWS settings; NULL:
 * none. */
struct s3_access {
    const char *region;
    const char *profile;
    const char *endpoint;      /* a URL */
    const char *known_regions; /* s3/known_regions.h; replaces the AWS settings */
    bool is_anonymous;   /* requests are not signed, and the program looks for no credentials */
    bool requester_pays; /* the owner of the credentials pays for the requests */
};

/* Used by one thread at a time. */
struct s3_bucket {
    struct s3_uri uri;
    struct credentials_keeper *credentials; /* owned; NULL: requests are not signed */
    struct signer signer;                   /* its keys are those of the last request */
    char *region;                           /* for which requests are signed */
    char *given_region;                     /* the caller's; NULL: the caller gave none */
    bool is_region_known;                   /* from access->known_regions */
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

/* Returns a pool for the bucket's requests (http_pool_new()), with up to SLOTS of them at once, or
 * with fewer if the settings want that. */
struct http_pool *s3_bucket_pool(const struct s3_bucket *bucket, unsigned slots,
                                 struct buffer *error);

/* Returns whether the endpoint is a URL that the user gave, not an address of AWS by region. */
bool s3_bucket_has_url(const struct s3_bucket *bucket);

/* Returns whether TEXT, which came from the store, repeats a part of the credentials.  Then it must
 * not be printed. */
bool s3_bucket_has_secret_in(const struct s3_bucket *bucket, const char *text);

/* Changes the bucket's region to REGION, which the store has named.  Returns 0, or -1 when the
 * bucket can have no address there. */
int s3_bucket_move(struct s3_bucket *bucket, const char *region);

/* Adds the line of s3/known_regions.h to TEXT if the store has said in which region the bucket is. */
void s3_bucket_add_known_region(const struct s3_bucket *bucket, struct buffer *text);

/* Returns whether the caller gave another region than the bucket's; if so, adds one line to OUT. */
bool s3_bucket_explain_region(const struct s3_bucket *bucket, struct buffer *out);

/* Adds the ARN of the bucket to OUT, or, with OBJECTS, that of its objects whose keys fit this
 * pattern, such as "*". */
void s3_bucket_add_arn(struct buffer *out, const struct s3_uri *uri, const char *region,
                       const char *objects);

/* Closes the bucket, and zeroes BUCKET.  A zeroed bucket is allowed. */
void s3_bucket_close(struct s3_bucket *bucket);

#endif
