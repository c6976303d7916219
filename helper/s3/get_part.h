/* Reads the beginning of one object, and waits for it. */
#ifndef S3_GET_PART_H
#define S3_GET_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/pool.h"
#include "s3/bucket.h"
#include "s3/list_page.h"
#include "text/buffer.h"

/* Adds the first SIZE bytes of OBJECT, or all bytes of a smaller one, to DATA, in the version of its
 * ETag, unless that is "".  Waits for all requests of POOL, until END_TIME, as http_wait() does.
 * POOL must have room.  Returns false after adding one line without the object's name to ERROR. */
bool s3_get_part(struct s3_bucket *bucket, struct http_pool *pool, const struct s3_object *object,
                 size_t size, int64_t end_time, struct buffer *data, struct buffer *error);

#endif
