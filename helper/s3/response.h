/* A store's response to one request: reads the headers, checks the body, and judges the result.
 * Only s3/request.c and s3/refusal.c use this. */
#ifndef S3_RESPONSE_H
#define S3_RESPONSE_H

#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "http/pool.h"
#include "s3/bucket.h"
#include "s3/request.h"
#include "s3/takers.h"
#include "text/buffer.h"

struct s3_response {
    struct s3_request *request;
    struct s3_bucket *bucket;
    uint64_t generation; /* of the credentials that signed the try */
    bool moved;          /* the bucket was moved before the try was signed */
    bool asks_region;    /* this try is a HeadBucket, since a redirect did not name the region */
    bool has_asked;      /* a try has asked for the region; no second one does */
    bool is_unclear;     /* the last error may concern the region, or something else */
    bool renewed;        /* newer credentials were found for this request; not a second time */

    char tag[128];       /* s3_outcome.etag */
    char region[64];     /* the bucket's region (x-amz-bucket-region); "": not named */
    char request_id[64]; /* x-amz-request-id, which AWS's support asks for */
    char location[128];  /* the scheme and host that a redirect names; "": none */
    char code[64];       /* of the error document; "": none */
    long status;         /* HTTP's, 0: none has come */
    bool is_encrypted;   /* s3_outcome.is_encrypted */

    EVP_MD_CTX *md5;          /* of the object's bytes so far; NULL: not needed, or no MD5 (FIPS) */
    uint64_t received;        /* bytes of the object, also those of earlier tries that were kept */
    uint64_t error_received;  /* bytes of an error's body */
    uint64_t furthest;        /* the largest number of bytes that an earlier try has received */
    uint64_t kept;            /* bytes of earlier tries, which this try continues */
    char kept_tag[128];       /* the ETag of the kept bytes' version */
    uint64_t range_first;     /* the place of the body's first byte in the object (Content-Range) */
    struct buffer error_body; /* the beginning of an error's body */
    struct buffer head;       /* the beginning of the body of a success */
    const char *bytes_error;  /* why the bytes are corrupt, static */
    /* Of a request with takers; their threads set job_error and job_taken. */
    const char *job_error; /* why the bytes are corrupt, static */
    atomic_int job_taken;  /* enum s3_taken */
    struct s3_taker_job job;
    enum s3_taken taken;   /* the last result of the request's callbacks */
    enum s3_reason reason; /* of the error that ended the request */
    bool everywhere;       /* every other request would fail in the same way */
    bool may_continue;     /* the next try may continue this one */
    bool is_judged_later;  /* with takers: judge() has asked them to call end() */
};

/* A try that has brought fewer bytes is not continued. */
enum { S3_RESUME_MIN = 64 * 1024 };

void s3_response_init(struct s3_response *response, struct s3_request *request,
                      struct s3_bucket *bucket);

/* Begins a try: forgets the results of an earlier one, except the bytes that the try continues.
 * Waits for the takers.  Returns false when one of their threads has stopped the request
 * (S3_STOP). */
bool s3_response_begin(struct s3_response *response);

/* Each implements the callback of struct http_request with the same name. */
void s3_response_header(struct s3_response *response, const char *name, const char *value);
bool s3_response_take(struct s3_response *response, const struct http_response *http,
                      const void *data, size_t size);
enum http_verdict s3_response_judge(struct s3_response *response, const struct http_response *http,
                                    struct buffer *error);

void s3_response_free(struct s3_response *response);

#endif
