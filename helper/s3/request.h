/* Signs requests to a bucket, sends them through a pool, and checks the responses.
 *
 * The pool tries again, by its policy (http/retries.h), after a network error; after the statuses
 * 408, 429, 500, 502, 503 and 504; when size or MD5 of a body do not match; and when the request
 * itself finds that the bytes are corrupt.  A request fails at once when the store refuses it with
 * another status.  A request follows one redirect to the bucket's region.  If the credentials have
 * expired and there are newer ones, the request is signed once more. */
#ifndef S3_REQUEST_H
#define S3_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/pool.h"
#include "s3/bucket.h"
#include "s3/takers.h"

#define S3_SIZE_UNKNOWN HTTP_LENGTH_UNKNOWN

/* The result of giving bytes to a request. */
enum s3_taken {
    S3_TAKEN,
    S3_ENOUGH,   /* the rest is not wanted: the request is done, and end() is not called */
    S3_DAMAGED,  /* the bytes are corrupt: try again */
    S3_UNUSABLE, /* the bytes are corrupt, and another try would bring the same */
    S3_STOP,     /* the request cannot go on (a full disk); it has printed the error */
};

enum s3_result {
    S3_DONE,
    S3_FAILED,  /* with an error */
    S3_STOPPED, /* a function returned S3_STOP, or the request was cancelled */
};

/* Why one request fails for good, while others may succeed. */
enum s3_reason {
    S3_NO_REASON,
    S3_FORBIDDEN, /* the store refuses to send the object: denied, or its key is disabled */
    S3_ARCHIVED,  /* the object is in Glacier, and must be restored first */
    S3_GONE,      /* there is no such object */
    S3_CHANGED,   /* the object has another ETag than if_match */
    S3_CORRUPT,   /* all tries brought bytes with another size, or an MD5 that is not the ETag */
    S3_UNSENT,    /* of an object: the network or the store failed in each try */
    /* The store does not know a POST, a conditional DELETE, is_only_new, or a parameter of a list. */
    S3_UNSUPPORTED,
};

struct s3_outcome {
    enum s3_result result;
    enum s3_reason reason; /* of S3_FAILED, where it is known */
    const char *error; /* of S3_FAILED: one line without the object's name; until done() returns */
    bool everywhere;   /* every other request would fail in the same way */
    uint64_t length;   /* Content-Length; S3_SIZE_UNKNOWN when not given */
    const char *etag;  /* s3/etag.h; "" when not given; valid until done() returns */
    bool is_encrypted; /* with a key, so the ETag is no MD5, though it may look like one */
    char date[HTTP_DATE_SIZE]; /* the text of Date (http_header_date()); "" when not given */
};

enum s3_method {
    S3_GET,
    S3_HEAD, /* no bytes come; the outcome has length and etag */
    S3_PUT,  /* with copy_source: copies an object within the store, to key */
    S3_POST,
    S3_DELETE, /* with if_match: only that version */
};

/* The caller owns a request and keeps it until done() was called. */
struct s3_request {
    enum s3_method method;
    const char *key;   /* of the object, not encoded; NULL: the bucket itself */
    const char *query; /* percent-encoded, sorted by name; NULL: none */
    const char *range; /* "bytes=0-99"; NULL: the whole object */
    uint64_t size;     /* bytes that must come, or S3_SIZE_UNKNOWN */
    /* The ETag that the object must have, as s3_outcome.etag; NULL: any.  Some stores ignore the
     * condition, so the ETag of the response is compared, too.  With copy_source, the ETag of the
     * source object; a weak one is not checked. */
    const char *if_match;
    const char *copy_source; /* "/BUCKET/KEY", percent-encoded */
    /* S3_PUT: only if the bucket has no object of this key, else S3_CHANGED, as with if_match.
     * Some stores ignore the condition. */
    bool is_only_new;
    bool may_be_denied;  /* S3_HEAD: "denied" is no reason to fetch newer credentials */
    const void *payload; /* the body of S3_PUT and S3_POST, payload_size bytes */
    size_t payload_size;
    /* S3_GET: after a cut, the next try asks only for the rest of the object, if the object is
     * still the same version.  begin() is called only when the bytes begin afresh. */
    bool resumes;
    /* S3_GET of a whole object: if not NULL, threads of the takers compute the digest, and call
     * take() and end(), one thread at a time.  take() must not return S3_ENOUGH then. */
    struct s3_takers *takers;
    /* Set before the first take() after begin(): the ETag is an MD5, and end() is called only if it
     * is the MD5 of the bytes.  False for an object without bytes. */
    bool has_md5;
    void *user;
    /* Begins a try.  The callee forgets the bytes of earlier tries. */
    enum s3_taken (*begin)(struct s3_request *request);
    /* Takes the next bytes.  With S3_DAMAGED and S3_UNUSABLE, *ERROR may be set (static). */
    enum s3_taken (*take)(struct s3_request *request, const void *data, size_t size,
                          const char **error);
    /* Ends a try whose bytes have all come, with the listed size, and with the MD5 of their ETag if
     * it is one. *ERROR as for take().  NULL: such a try is a success. */
    enum s3_taken (*end)(struct s3_request *request, const char **error);
    /* The last call.  It may start other requests, but not with S3_STOPPED (see http/pool.h). */
    void (*done)(struct s3_request *request, const struct s3_outcome *outcome);
    struct http_request *http; /* the request's own, while it is under way */
};

/* Returns the error of an outcome that is not S3_DONE; a general one for S3_STOPPED. */
const char *s3_outcome_error(const struct s3_outcome *outcome);

/* Starts the request, which may move BUCKET to another region.  POOL must have room.  BUCKET must
 * outlive the request. */
void s3_request_start(struct s3_request *request, struct s3_bucket *bucket, struct http_pool *pool);

/* Ends a request that was started and is not done: its done() is called with S3_STOPPED. */
void s3_request_cancel(const struct s3_request *request, struct http_pool *pool);

#endif
