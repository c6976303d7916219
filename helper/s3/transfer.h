/* Copies files into a bucket, and objects into files, several at once. */
#ifndef S3_TRANSFER_H
#define S3_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "http/pool.h"
#include "s3/bucket.h"
#include "text/buffer.h"

/* Bytes of the largest object that one PutObject makes.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
#define S3_PUT_MAX (UINT64_C(5) << 30)

/* The caller owns the texts, and keeps them until the call returns. */
struct s3_file {
    const char *key;  /* of the object */
    const char *path; /* of the file */
    uint64_t size;    /* of an object that is read, as it was listed; S3_SIZE_UNKNOWN: any */
    const char *etag; /* of an object that is read, as it was listed; NULL: any */
};

/* Writes the files into objects.  Each object is written as a whole, or not at all.  The files are
 * mapped, so their bytes take no memory of this process.  POOL must be idle.  Returns false after
 * adding one line to ERROR: the first error, which ends all requests.  Some objects may be written
 * then. */
bool s3_put_files(struct s3_bucket *bucket, struct http_pool *pool, const struct s3_file *files,
                  size_t count, struct buffer *error);

/* Reads the objects into files, which are made or replaced.  Errors are as above. */
bool s3_get_files(struct s3_bucket *bucket, struct http_pool *pool, const struct s3_file *files,
                  size_t count, struct buffer *error);

#endif
