/* Requests to a bucket, up to 64 at once over connections that are kept: signed, checked, and tried
 * again after faults that pass.
 *
 * A try fails for good at once when the store refuses it (4xx).  Timeouts (10 s to connect, 30 s
 * without a byte), cut connections, 408, 429, 500, 502, 503 and 504, a body whose size or MD5 is
 * not what it should be, and bytes that the request itself calls damaged are tried again, 7 times
 * in all, after 0.2 s, 0.4 s ... (half of it at random) or what Retry-After asks for.  A pool that
 * has had trouble for longer says so, every 30 s. */
#ifndef HTTP_POOL_H
#define HTTP_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "s3/bucket.h"

#define S3_SIZE_UNKNOWN UINT64_MAX

/* What a request made of the bytes it was given. */
enum s3_taken {
    S3_TAKEN,
    S3_DAMAGED, /* they cannot be right: to be tried again */
    S3_STOP     /* it cannot go on (a full disk); it has said why */
};

enum s3_result {
    S3_DONE,
    S3_FAILED,  /* cause says why */
    S3_STOPPED, /* S3_STOP was answered */
};

/* What a store says of one object alone. */
enum s3_refusal {
    S3_NOT_REFUSED,
    S3_FORBIDDEN, /* it may not be read */
    S3_ARCHIVED,  /* it is in Glacier, and must be restored first */
    S3_GONE,      /* it is not there */
    S3_CHANGED    /* it has another ETag than if_match */
};

struct s3_outcome {
    enum s3_result result;
    enum s3_refusal refusal; /* of S3_FAILED, where it is known */
    const char *cause; /* one line, without the name of what was asked for; until done() returns */
    bool everywhere;   /* every other request would fail in the same way */
    int64_t modified;  /* Last-Modified, seconds UTC; -1 when not given */
    uint64_t length;   /* Content-Length; S3_SIZE_UNKNOWN when not given */
    const char *etag;  /* without quotes, "" when not given; until done() returns */
    int64_t date;      /* the store's clock, seconds UTC; -1 when not given */
};

enum s3_method {
    S3_GET,
    S3_HEAD, /* there are no bytes, but length and etag in the outcome */
    S3_PUT,  /* with copy_source: copies an object within the store, to key */
    S3_POST
};

/* The caller owns it and keeps it until done() was called. */
struct s3_request {
    enum s3_method method;
    const char *key;         /* of the object, not encoded; NULL: the bucket itself */
    const char *query;       /* percent-encoded, sorted by name; NULL: none */
    const char *range;       /* "bytes=0-99"; NULL: all */
    uint64_t size;           /* bytes that there must be, or S3_SIZE_UNKNOWN */
    const char *if_match;    /* the ETag that the object must have, without quotes; NULL: any.
                              * With copy_source it is of that object. */
    const char *copy_source; /* "/BUCKET/KEY", percent-encoded */
    const void *payload;     /* what S3_POST sends, payload_size bytes of XML */
    size_t payload_size;
    bool md5_fits; /* set before end(): the ETag is an MD5, and that of the bytes */
    void *user;
    /* A try begins; what came before is void. */
    enum s3_taken (*begin)(struct s3_request *request);
    /* The next bytes.  With S3_DAMAGED, *cause may be set (static). */
    enum s3_taken (*take)(struct s3_request *request, const void *data, size_t size,
                          const char **cause);
    /* All bytes are there, and their number is right, as is their MD5 where the store gives it. */
    enum s3_taken (*end)(struct s3_request *request, const char **cause);
    /* The last call. */
    void (*done)(struct s3_request *request, const struct s3_outcome *outcome);
};

struct s3_pool;

/* BUCKET must outlive the pool, which may move it to another region.  NULL after printing one
 * line. */
struct s3_pool *s3_pool_new(struct s3_bucket *bucket, unsigned transfers);

bool s3_pool_has_room(const struct s3_pool *pool);
bool s3_pool_is_busy(const struct s3_pool *pool); /* some request is not done */

/* Starts the request; the pool must have room. */
void s3_pool_add(struct s3_pool *pool, struct s3_request *request);

/* Waits up to WAIT milliseconds for something to happen; calls the requests' functions, which may
 * add others in done(). */
void s3_pool_step(struct s3_pool *pool, int wait);

/* Ends a step that waits; from any thread. */
void s3_pool_wake(struct s3_pool *pool);

/* Ends what is under way: each done() is called with S3_STOPPED. */
void s3_pool_free(struct s3_pool *pool);

#endif
