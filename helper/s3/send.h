/* Sends one request to a bucket, and waits for its end. */
#ifndef S3_SEND_H
#define S3_SEND_H

#include <stdbool.h>

#include "http/pool.h"
#include "s3/bucket.h"
#include "s3/request.h"
#include "text/buffer.h"

/* How a request has ended.  Zeroed at birth but for keeps_body; one after another can use it. */
struct s3_sent {
    bool keeps_body; /* the bytes that come go to body; else they are dropped */
    bool is_done;
    bool is_everywhere;        /* every other request would fail, too */
    enum s3_reason reason;     /* of a request that is not done */
    struct buffer body, error; /* ERROR: one line, of a request that is not done */
};

/* Sends REQUEST: its method, key, query, condition and payload; the rest is this function's.  POOL must have
 * room.  Returns whether the request was done. */
bool s3_send(struct s3_request request, struct s3_bucket *bucket, struct http_pool *pool,
             struct s3_sent *sent);

void s3_sent_free(struct s3_sent *sent);

#endif
