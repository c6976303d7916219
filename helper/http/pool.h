/* Runs many HTTP requests at once, over persistent connections, and retries after transient
 * errors.
 *
 * The pool does not know S3.  A request has two functions of its own: prepare() writes a try (its
 * URL, its headers), and judge() decides what the response to a try means.  The pool does the rest:
 * slots, sockets, timeouts, and the retry policy.
 *
 * The pool makes another try when a connection fails, stalls or is cut off, or when judge()
 * wants one: http/retries.h says when, and how often.  A request to a host that has never responded
 * and cannot be reached fails at once.  When tries fail and no request is done for a long time, the
 * pool prints a note every 30 s.
 *
 * How many tries are under way at once follows from what the store can do, up to the number of
 * slots (http/window.h).  A try that is made again goes before a new request.
 *
 * One thread at a time may use a pool; only http_pool_wake() may be called from any thread. */
#ifndef HTTP_POOL_H
#define HTTP_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/buffer.h"

/* A build for tests may set these with -D, so that a test does not wait for a minute. */
#ifndef HTTP_STALL_TIMEOUT_S
#define HTTP_STALL_TIMEOUT_S 30 /* seconds without a byte after which a try has failed */
#endif
#ifndef HTTP_SILENCE_MAX_MS
#define HTTP_SILENCE_MAX_MS 30000 /* milliseconds of failing tries before a note is printed */
#endif

#define HTTP_LENGTH_UNKNOWN UINT64_MAX

enum { HTTP_DATE_SIZE = 40 }; /* bytes of a date and its NUL; HTTP's longest form has 33 */

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_PUT, HTTP_POST, HTTP_DELETE };

/* The server that a request goes to.  The caller owns it and keeps it while requests use it. */
struct http_host {
    const char *origin; /* "https://HOST" or "http://HOST:PORT": where the URLs begin */
    const char *name;   /* for messages: the host, and the port if need be */
    bool responded;     /* set by the pool: the host has responded to a request, so it exists */
    /* The file with the certificates of the CAs that the host's is checked with; NULL: AWS_CA_BUNDLE,
     * or the system's. */
    const char *authorities;
    unsigned tries; /* of a request (http/retries.h); 0: as many as the pool does by itself */
};

/* What one try sends. */
struct http_message {
    enum http_method method;
    struct buffer url;
    const void *payload; /* what HTTP_PUT and HTTP_POST send; the request keeps it until done() */
    size_t payload_size; /* bytes */
    uint64_t expected; /* bytes that are sent or come, as far as they are known (http/deadline.h) */
    /* The headers, by http_add_header(): each a line that ends with NUL. */
    struct buffer headers;
    size_t header_count;
    struct curl_slist *list; /* owned; of http_list_headers() */
};

/* Adds a header to MESSAGE.  An empty VALUE takes away a header that libcurl would send. */
void http_add_header(struct http_message *message, const char *name, const char *value);

/* Returns the headers as libcurl takes them; NULL: there are none.  Valid until MESSAGE changes. */
struct curl_slist *http_list_headers(struct http_message *message);

/* Empties MESSAGE, and keeps its memory. */
void http_clear_message(struct http_message *message);

void http_free_message(struct http_message *message);

/* The response of a host to a try, as far as it has come. */
struct http_response {
    long status;     /* HTTP's status code; 0: none has come */
    uint64_t length; /* Content-Length; HTTP_LENGTH_UNKNOWN when not given */
    char date
        [HTTP_DATE_SIZE]; /* the host's clock as it was sent (http/header.h); "" when not given */
    long retry_after;     /* seconds; -1 when not given */
};

enum http_verdict {
    HTTP_ACCEPT, /* the request is done */
    HTTP_RETRY,  /* the response cannot be used, but another try may succeed */
    HTTP_LATER,  /* not known yet: judge() is called again in each step; see http_pool_wake() */
    HTTP_AGAIN,  /* prepare() writes another try at once, which is not counted */
    HTTP_FAIL,   /* the next response would be the same */
    HTTP_STOP,   /* the caller cannot go on (a full disk) */
};

enum http_result {
    HTTP_DONE,
    HTTP_FAILED,
    HTTP_STOPPED, /* HTTP_STOP, or the pool was freed */
};

struct http_outcome {
    enum http_result result;
    const char *error; /* of HTTP_FAILED: one line without a name; valid until done() returns */
    bool unreachable; /* HTTP_FAILED, and every other request to the host would fail the same way */
    unsigned tries;   /* with those that HTTP_AGAIN did not count */
    int64_t milliseconds; /* since the request was added */
};

/* The caller owns a request and keeps it until done() was called.  ERROR is empty when a function
 * gets it; a function that returns anything but HTTP_ACCEPT, HTTP_LATER and HTTP_AGAIN adds one line without a
 * name to it. */
struct http_request {
    struct http_host *host;
    const char *name; /* for messages, such as "s3://logs/cdn/x" */
    void *user;
    bool
        has_progress; /* set by the functions: the try has brought the request further, so that the tries
                        * before it do not count */
    /* Writes a try into MESSAGE, which is empty, and forgets the results of an earlier try.
     * Returns HTTP_ACCEPT to send it, HTTP_FAIL or HTTP_STOP. */
    enum http_verdict (*prepare)(struct http_request *request, struct http_message *message,
                                 struct buffer *error);
    /* NULL, or called with each header of the response. */
    void (*header)(struct http_request *request, const char *name, const char *value);
    /* Takes the next bytes of the response's body.  Returns false to break the try off; judge()
     * then gives the reason. */
    bool (*take)(struct http_request *request, const struct http_response *response,
                 const void *data, size_t size);
    /* Judges a response that is complete, or that take() has broken off.  With HTTP_LATER, other requests
     * use the connection. */
    enum http_verdict (*judge)(struct http_request *request, const struct http_response *response,
                               struct buffer *error);
    /* The last call.  REQUEST may be freed.  It may add other requests, but not with HTTP_STOPPED:
     * then the pool may be in http_pool_free(). */
    void (*done)(struct http_request *request, const struct http_response *response,
                 const struct http_outcome *outcome);
};

struct http_pool;

/* Makes a pool that has up to SLOTS requests, under way or waiting for another try.  Returns NULL after adding one line to
 * ERROR. */
struct http_pool *http_pool_new(unsigned slots, struct buffer *error);

bool http_pool_has_room(const struct http_pool *pool); /* a new request would start at once */
bool http_pool_is_busy(const struct http_pool *pool);  /* some request is not done */

/* Starts the request as soon as the pool has room.  A slot must be free, as it is when the pool has
 * room, and in done(). */
void http_pool_add(struct http_pool *pool, struct http_request *request);

/* Waits up to WAIT milliseconds for something to happen, and calls the requests' functions. */
void http_pool_step(struct http_pool *pool, int wait);

/* Ends a step that waits, or the next one.  Any thread may call this. */
void http_pool_wake(struct http_pool *pool);

/* Ends the requests under way: each done() is called with HTTP_STOPPED, and must add no request. */
void http_pool_cancel(struct http_pool *pool);

/* Ends one request that is not done: its done() is called with HTTP_STOPPED, and must add no request. */
void http_pool_cancel_request(struct http_pool *pool, const struct http_request *request);

/* Ends the requests as http_pool_cancel() does, and frees the pool.  NULL is allowed. */
void http_pool_free(struct http_pool *pool);

#endif
