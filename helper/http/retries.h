/* Decides when a pool tries a request again, and when it gives up.  Pure arithmetic: the caller
 * gives the times, in milliseconds by any clock that never jumps.
 *
 * A request has HTTP_TRIES tries.  Before the next one it waits 0.2 s, 0.4 s ... 12.8 s, of which
 * half is random, or as long as the store asks (Retry-After).  A request fails at once if the store
 * asks for more than RETRIES_PAUSES_S.  In an outage, or while the store asks for fewer requests, a
 * request has as many tries as fit into HTTP_OUTAGE_S, and at least RETRIES_OUTAGE.
 *
 * An outage is status 500, 502 or 504, or no response from a store that has responded before.  With
 * status 503 or 429, the store asks for fewer requests.
 *
 * A bucket of tokens bounds the tries of all requests together, so that an outage does not multiply
 * the requests.  A repeated try takes one token, each request that is done gives one back, and five
 * more come each second.  A try that finds no token waits for one.  A try after status 503 or 429
 * takes no token: http/window.h slows down all requests then. */
#ifndef HTTP_RETRIES_H
#define HTTP_RETRIES_H

#include <stdbool.h>
#include <stdint.h>

#include "text/buffer.h"

/* A build for tests may set these with -D, so that a test does not wait for a minute. */
#ifndef HTTP_FIRST_DELAY_MS
#define HTTP_FIRST_DELAY_MS 200 /* before the second try; doubled for each further one */
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
    RETRY_OUTAGE,  /* status 500, 502 or 504, or no response although the store responded before */
    RETRY_REFUSED, /* status 503 or 429: the store asks for fewer requests */
};

struct retries {
    double tokens;            /* at the time filled */
    int64_t filled;           /* when a token was last taken */
    unsigned short random[3]; /* erand48()'s state */
};

void retries_init(struct retries *retries, int64_t now, uint64_t seed);

/* Gives a token back: a request was done. */
void retries_succeeded(struct retries *retries);

/* Returns the reason of a failed try by the STATUS of its response, 0 for none.  HAS_RESPONDED: the
 * store has responded before. */
enum retry_reason retries_reason(long status, bool has_responded);

/* Returns whether a request has had its last try, after TRIES tries of which the first one failed
 * at FAILED.  MAX, unless it is 0, is the number of tries that the user wants, also in an outage;
 * not while the store asks for fewer requests. */
bool retries_are_over(enum retry_reason reason, unsigned max, unsigned tries, int64_t failed,
                      int64_t now);

/* Returns whether the store asks for a pause of more than RETRIES_PAUSES_S: the last try would come
 * before its end. */
bool retries_is_too_long(long asked);

/* Adds the number of tries, and a pause that is too long, to TEXT, the error of the last try. */
void retries_add_end(struct buffer *text, unsigned tries, long asked);

/* Returns the bytes of ERROR before that, which are equal for all requests that fail in this way. */
size_t retries_find_end(const char *error);

/* Returns the milliseconds until the next try.  ASKED: the seconds that the store asks for; -1 for
 * none. */
int64_t retries_delay(struct retries *retries, unsigned tries, long asked);

/* Returns the milliseconds until a try can take a token; 0: it can now. */
int64_t retries_token_wait(const struct retries *retries, int64_t now);

/* Takes a token.  The caller has checked that there is one. */
void retries_take_token(struct retries *retries, int64_t now);

#endif
