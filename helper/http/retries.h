/* When a pool tries a request again, and when it gives up.  Pure arithmetic: the caller gives the
 * times, in milliseconds by any clock that never jumps.
 *
 * A request has HTTP_TRIES tries.  The next try waits 0.2 s, 0.4 s ... 12.8 s, half of it at random,
 * or as long as the store asks; when the store asks for more than all pauses of a request, the request
 * has failed.  While the store is out of order, or asks for fewer requests, a request has as many tries
 * as fit into HTTP_OUTAGE_S.  Out of order is a store that does not respond at all, although it did
 * before, or responds with status 500, 502, 503, 504 or 429.
 *
 * A bucket of tokens bounds the tries of all requests together, so that an outage does not multiply
 * the requests.  A repeated try takes one token, each request that is done gives one back, and five
 * more come each second.  A try that finds no token waits for the next one.  A try that the store has
 * refused takes no token: http/window.h slows down all of these. */
#ifndef HTTP_RETRIES_H
#define HTTP_RETRIES_H

#include <stdbool.h>
#include <stdint.h>

#include "text/buffer.h"

/* A build for tests may set these with -D, so that a test does not wait for a minute. */
#ifndef HTTP_FIRST_DELAY_MS
#define HTTP_FIRST_DELAY_MS                                                                        \
    200 /* milliseconds before the second try; doubled for each further one */
#endif
#ifndef HTTP_RETRY_AFTER_MAX_S
#define HTTP_RETRY_AFTER_MAX_S 60 /* seconds: a longer Retry-After counts as this */
#endif
#ifndef HTTP_OUTAGE_S
#define HTTP_OUTAGE_S 90 /* seconds that an outage may last */
#endif

enum {
    HTTP_TRIES = 7,
    HTTP_TOKENS = 100,
    RETRIES_OUTAGE = 4, /* tries in an outage, at least, however long each waits */
    RETRIES_PAUSES_S = (RETRIES_OUTAGE - 1) * HTTP_RETRY_AFTER_MAX_S, /* all that a request waits */
};

/* What made a try fail. */
enum retry_reason {
    RETRY_ERROR,   /* the response to this request cannot be used */
    RETRY_OUTAGE,  /* there is no response, or one of a proxy or a store that is out of order */
    RETRY_REFUSED, /* the store asks for fewer requests */
};

struct retries {
    double tokens;
    int64_t filled;
    unsigned short random[3];
};

void retries_init(struct retries *retries, int64_t now, uint64_t seed);

/* A request was done. */
void retries_succeeded(struct retries *retries);

/* Returns the reason of a failed try by the STATUS of its response, 0 for none.  HAS_RESPONDED: the
 * store has responded before. */
enum retry_reason retries_reason(long status, bool has_responded);

/* Returns whether a request has had its last try: TRIES of them, the first of which failed at
 * FAILED.  MAX, unless it is 0, is the number of tries that the user wants, also in an outage.  MAX does not
 * count when the store asks for fewer requests: then a request has as many tries as fit into HTTP_OUTAGE_S. */
bool retries_are_over(enum retry_reason reason, unsigned max, unsigned tries, int64_t failed,
                      int64_t now);

/* Returns whether the store asks for a pause of so many seconds that the request would have its last try before: longer
 * than RETRIES_PAUSES_S. */
bool retries_is_too_long(long asked);

/* Adds to TEXT, the error of the last try, how many there were, and a pause that is too long. */
void retries_add_end(struct buffer *text, unsigned tries, long asked);

/* Returns the milliseconds until the next try.  ASKED: the seconds that the store asks for; -1 for
 * none. */
int64_t retries_delay(struct retries *retries, unsigned tries, long asked);

/* Returns the milliseconds until a try can take a token; 0: it can now. */
int64_t retries_token_wait(const struct retries *retries, int64_t now);
void retries_take_token(struct retries *retries, int64_t now);

#endif
