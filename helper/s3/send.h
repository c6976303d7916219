/* Sends one request to a bucket, and waits for its end. */
#ifndef S3_SEND_H
#define S3_SEND_H

#include <stdbool.h>
#include <stdint.h>

#include "http/pool.h"
#include "s3/bucket.h"
#include "s3/request.h"
#include "text/buffer.h"

/* The result of a request.  The caller zeroes it at first, and sets keeps_body and end.  It serves several
 * requests, one after the other. */
struct s3_sent {
    bool keeps_body; /* store the bytes that come in body; else they are dropped */
    int64_t end;     /* when a request has failed, as http_wait() has it; 0: after its last try */
    bool is_done;
    bool is_everywhere;        /* every other request would fail, too */
    enum s3_reason reason;     /* of a request that is not done */
    struct buffer body, error; /* ERROR: one line, of a request that is not done */
};

/* Sends REQUEST, of which the caller sets method, key, query, if_match and payload.  POOL must have
 * room. Returns whether the request was done. */
bool s3_send(struct s3_request request, struct s3_bucket *bucket, struct http_pool *pool,
             struct s3_sent *sent);

void s3_sent_free(struct s3_sent *sent);

#endif
