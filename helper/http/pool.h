/* Runs many HTTP requests at once, over persistent connections, and retries after transient
 * errors.
 *
 * The pool does not know S3.  A request has two functions of its own: prepare() writes a try (its
 * URL, its headers), and judge() decides what the response to a try means.  The pool does the rest:
 * slots, sockets, timeouts, and the retry policy.
 *
 * The pool makes another try when a connection fails, stalls or is cut off, or when judge()
 * wants one: http/retries.h says when, and how often.  A request to a host that has never responded
 * and cannot be reached fails at once.  While tries fail and no request is done, the pool prints a
 * note every HTTP_SILENCE_MAX_MS.
 *
 * The pool adapts the number of tries under way to what the store can do (http/window.h), up to the
 * number of slots.  A repeated try goes before a new request.
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
#define HTTP_SILENCE_MAX_MS 30000 /* milliseconds of failing tries between two notes */
#endif

#define HTTP_LENGTH_UNKNOWN UINT64_MAX

enum { HTTP_DATE_SIZE = 40 }; /* bytes of a date and its NUL; HTTP's longest form has 33 */

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_PUT, HTTP_POST, HTTP_DELETE };

/* The certificates of CAs that check the certificate of a server. */
struct http_authorities {
    char *file;         /* NULL: the system's CAs */
    const char *origin; /* which variable or setting names the file, static */
};

/* The server that a request goes to.  The caller owns it and keeps it while requests use it. */
struct http_host {
    const char *origin; /* "https://HOST" or "http://HOST:PORT": where the URLs begin */
    const char *name;   /* for messages: the host, and the port if need be */
    bool responded;     /* set by the pool: the host has responded to a request, so it exists */
    bool is_direct;     /* no request goes through a proxy */
    struct http_authorities authorities;
    unsigned tries; /* of a request (http/retries.h); 0: HTTP_TRIES, and more in an outage */
};

/* What one try sends. */
struct http_message {
    enum http_method method;
    struct buffer url;
    const void *payload; /* the body of HTTP_PUT and HTTP_POST; the request keeps it until done() */
    size_t payload_size; /* bytes */
    uint64_t expected;   /* bytes that are known to be sent or to come (http/deadline.h) */
    /* The headers that http_add_header() added, each a line that ends with NUL.  They are overwritten before their
     * memory is freed. */
    struct buffer headers;
    size_t header_count;
    struct curl_slist *list; /* owned; made by http_list_headers() */
};

/* Adds a header to MESSAGE.  With an empty VALUE, libcurl does not send this header of its own. */
void http_add_header(struct http_message *message, const char *name, const char *value);

/* Returns the headers as libcurl takes them; NULL: there are none.  Valid until MESSAGE changes. */
struct curl_slist *http_list_headers(struct http_message *message);

/* Empties MESSAGE, and keeps its memory. */
void http_clear_message(struct http_message *message);

void http_free_message(struct http_message *message); /* a second call does nothing */

/* The response of a host to a try, as far as it has come. */
struct http_response {
    long status;               /* HTTP's status code; 0: none has come */
    uint64_t length;           /* Content-Length; HTTP_LENGTH_UNKNOWN when not given */
    char date[HTTP_DATE_SIZE]; /* the text of Date (http_header_date()); "" when not given */
    long retry_after;          /* seconds; below 0 when not given, or when the date has passed */
};

enum http_verdict {
    HTTP_ACCEPT, /* the request is done */
    HTTP_RETRY,  /* the response cannot be used, but another try may succeed */
    HTTP_LATER,  /* not known yet: judge() is called again in each step; see http_pool_wake() */
    HTTP_AGAIN,  /* prepare() writes another try at once, which is not counted */
    HTTP_FAIL,   /* the request has failed: the next response would be the same */
    HTTP_STOP,   /* the caller cannot go on (a full disk) */
};

enum http_result {
    HTTP_DONE,
    HTTP_FAILED,
    HTTP_STOPPED, /* a function returned HTTP_STOP, or the request was cancelled */
};

struct http_outcome {
    enum http_result result;
    const char *error;    /* of HTTP_FAILED: one line without a name; valid until done() returns */
    bool unreachable;     /* HTTP_FAILED, and each other request to the host would fail, too */
    bool tries_are_over;  /* HTTP_FAILED, after as many tries as http/retries.h allows */
    unsigned tries;       /* also those that HTTP_AGAIN did not count */
    int64_t milliseconds; /* since the request was added */
};

/* The caller owns a request and keeps it until done() was called.  The buffer ERROR is empty before
 * a call; a function that returns HTTP_RETRY, HTTP_FAIL or HTTP_STOP adds one line without a
 * name. */
struct http_request {
    struct http_host *host;
    const char *name; /* for messages, such as "s3://logs/cdn/x" */
    void *user;
    /* Set by the functions: the try has brought the request further, so earlier tries do not
     * count. */
    bool has_progress;
    /* Writes a try into MESSAGE, which is empty, and forgets the results of an earlier try.
     * Returns HTTP_ACCEPT to send it, HTTP_FAIL or HTTP_STOP. */
    enum http_verdict (*prepare)(struct http_request *request, struct http_message *message,
                                 struct buffer *error);
    /* NULL, or called with each header of a response, and with NULL and NULL before its first one: headers before that
     * belong to another response, such as 103 or that of a proxy. */
    void (*header)(struct http_request *request, const char *name, const char *value);
    /* Takes the next bytes of the response's body.  Returns false to break the try off; judge()
     * then gives the error. */
    bool (*take)(struct http_request *request, const struct http_response *response,
                 const void *data, size_t size);
    /* Judges a response that is complete, that take() has broken off, or whose status is above 299,
     * even if it was cut off.  After HTTP_LATER, other requests may use the connection. */
    enum http_verdict (*judge)(struct http_request *request, const struct http_response *response,
                               struct buffer *error);
    /* The last call.  It may free REQUEST, and add other requests, but none after HTTP_STOPPED:
     * then the pool may be in http_pool_free(). */
    void (*done)(struct http_request *request, const struct http_response *response,
                 const struct http_outcome *outcome);
};

struct http_pool;

/* Makes a pool for up to SLOTS requests that are under way or wait for a try, and as many whose
 * verdict comes later.  Returns NULL after adding one line to ERROR. */
struct http_pool *http_pool_new(unsigned slots, struct buffer *error);

bool http_pool_has_room(const struct http_pool *pool); /* a new request would start at once */
bool http_pool_is_busy(const struct http_pool *pool);  /* some request is not done */

/* Starts the request as soon as the window has room.  A slot must be free: one is when the pool has
 * room, and in done(). */
void http_pool_add(struct http_pool *pool, struct http_request *request);

/* Waits up to WAIT milliseconds for something to happen, and calls the requests' functions. */
void http_pool_step(struct http_pool *pool, int wait);

/* Ends a step that waits, or the next one.  Any thread may call this. */
void http_pool_wake(struct http_pool *pool);

/* Ends all requests: each done() is called with HTTP_STOPPED, and must add no request. */
void http_pool_cancel(struct http_pool *pool);

/* Ends REQUEST in the same way.  Does nothing if the pool does not have it. */
void http_pool_cancel_request(struct http_pool *pool, const struct http_request *request);

/* Ends the requests as http_pool_cancel() does, and frees the pool.  NULL is allowed. */
void http_pool_free(struct http_pool *pool);

#endif
