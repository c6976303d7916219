/* A store's response to one request: its headers, the checks of its body, and what an error means.
 * Only s3/request.c uses this. */
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

enum { S3_MD5_SIZE = 16 };

struct s3_response {
    struct s3_request *request;
    struct s3_bucket *bucket;
    uint64_t generation; /* of the credentials that the try was signed with */
    bool moved;          /* the bucket was moved before the try was signed */
    /* The try asks for the bucket's region: a redirect did not name it.  The request comes after
     * that. */
    bool asks_region;
    bool has_asked; /* for the region, once */
    bool renewed;   /* newer credentials were found for this request once */

    char etag[2 * S3_MD5_SIZE + 1]; /* "" unless the ETag is the MD5 of the body */
    char tag[128];                  /* s3_outcome.etag */
    char region[64];                /* the bucket's, as a redirect names it; "": not named */
    char request_id[64];            /* x-amz-request-id, by which AWS's support finds the request */
    char location[128];             /* the scheme and host that a redirect names; "": none */
    char code[64];                  /* of the error document; "": none */
    long status;                    /* HTTP's, 0: none has come */
    bool etag_is_other;             /* the object is encrypted with a key: the ETag is no MD5 */

    EVP_MD_CTX *md5;   /* of the bytes of an object so far; NULL: none is needed, or can be made */
    uint64_t received; /* bytes of the object, with those that were kept */
    uint64_t error_received;  /* bytes of a response that is no success */
    uint64_t furthest;        /* the most that an earlier try has received */
    uint64_t kept;            /* bytes of earlier tries, which this try continues */
    char kept_tag[128];       /* the ETag of the version that they are of */
    uint64_t range_first;     /* where the bytes of the response begin, by its Content-Range */
    struct buffer error_body; /* of a response that is no success */
    struct buffer head;       /* the beginning of a response that is one */
    const char *bytes_error;  /* why the bytes are corrupt, static */
    const char
        *job_error; /* the same of a request with takers, whose threads set this, and job_taken */
    struct s3_taker_job job;
    atomic_int job_taken;  /* enum s3_taken */
    enum s3_taken taken;   /* the last result of the request's callbacks */
    enum s3_reason reason; /* of the error that ended the request */
    bool everywhere;
    bool may_continue;    /* the next try may continue this one */
    bool is_judged_later; /* with takers: end() is to be called, or was */
};

enum { S3_RESUME_MIN = 64 * 1024 }; /* bytes: a try that has brought less is not continued */

void s3_response_init(struct s3_response *response, struct s3_request *request,
                      struct s3_bucket *bucket);

/* Begins a try: forgets the results of an earlier one, but for the bytes that the try continues.
 * Returns false when the request has been stopped by the thread that took its bytes. */
bool s3_response_begin(struct s3_response *response);

/* Each implements the callback of struct http_request with the same name. */
void s3_response_header(struct s3_response *response, const char *name, const char *value);
bool s3_response_take(struct s3_response *response, const struct http_response *http,
                      const void *data, size_t size);
enum http_verdict s3_response_judge(struct s3_response *response, const struct http_response *http,
                                    struct buffer *error);

void s3_response_free(struct s3_response *response);

#endif
