/* A bucket as it is worked on: what it is called, where it is, and who asks. */
#ifndef S3_BUCKET_H
#define S3_BUCKET_H

#include <stdbool.h>

#include "aws/profile.h"
#include "s3/endpoint.h"
#include "s3/uri.h"

struct s3_bucket {
    struct s3_uri uri;
    struct s3_credentials credentials;
    char *region;         /* that requests are signed for */
    bool region_is_given; /* by the caller; else from the AWS settings, or AWS's first region */
    bool moved;           /* the store said that the bucket is in another region */
    char *url;            /* of an S3-compatible store; NULL: AWS */
    struct s3_endpoint endpoint;
};

/* Puts together what URI and the AWS settings say; REGION, PROFILE and URL (an endpoint) may be
 * NULL and win otherwise.  Nothing is sent yet.  Returns 0, or -1 after printing one line. */
int s3_bucket_open(struct s3_bucket *bucket, const char *uri, const char *region,
                   const char *profile, const char *url);

/* The bucket turned out to be in another region.  Returns 0, or -1 when REGION is no
 * region's name or memory ran out. */
int s3_bucket_move(struct s3_bucket *bucket, const char *region);

void s3_bucket_close(struct s3_bucket *bucket);

#endif
