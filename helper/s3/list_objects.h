/* Lists the objects of a bucket, page by page, in the order of their keys.
 *
 * Each page names the next one, so the program can only request pages one after the other.  Where
 * the order of keys can be calculated (guess()), the list also requests pages further on, while the
 * pages before them are under way: from a key at which such a page may begin.  The list puts the
 * pages together in order.  If two pages overlap, it takes each key once; if there is a gap between
 * two pages, it requests the pages of the gap as the store names them.  So a guess changes only the
 * speed of a list, and not its content. */
#ifndef S3_LIST_OBJECTS_H
#define S3_LIST_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "http/pool.h"
#include "s3/bucket.h"
#include "s3/list_page.h"
#include "s3/request.h"
#include "text/buffer.h"

/* Guesses where a page ends: adds to KEY a key that is as far behind the key FROM as LAST, the last
 * key of a page, is behind FIRST, its first key, or not quite as far.  Adds nothing when the keys
 * do not tell. */
typedef void s3_list_guess(const char *first, const char *last, const char *from,
                           struct buffer *key);

enum { S3_LIST_REQUESTS_MAX = 16 }; /* requests of a list that are under way at once */

struct s3_piece;

/* Zeroed but for user, found, skip, guess and done, which the caller sets. */
struct s3_list {
    void *user;
    /* Takes an object; objects come in the order of their keys.  The callee frees the key.  Returns
     * false to end the list. */
    bool (*found)(void *user, struct s3_object object);
    /* NULL, or called with a key: adds to UP_TO the key up to which the caller wants no objects;
     * adds nothing if the caller wants the object KEY.  Pages that are skipped this way are not
     * requested. */
    void (*skip)(void *user, const char *key, struct buffer *up_to);
    s3_list_guess *guess; /* NULL: no page is guessed */
    /* The last call: S3_DONE when every object was given, S3_STOPPED after found() returned
     * false. */
    void (*done)(void *user, const struct s3_outcome *outcome);

    /* The rest is the list's own. */
    struct http_pool *pool;
    struct s3_bucket *bucket;
    const char *prefix;
    struct s3_piece *pieces;   /* in the order of their keys; found() gets the first one's next */
    unsigned under_way;        /* pieces whose requests are under way */
    size_t held;               /* bytes of pages that wait for those before them */
    size_t largest;            /* bytes of the largest page so far */
    unsigned width;            /* guesses that may be under way or wait */
    bool is_over;              /* done() was called */
    bool without_start;        /* the store does not know start-after */
    bool has_told_nul;         /* the warning about NUL bytes was printed */
    struct buffer first, last; /* keys of the furthest page that came */
    char *last_key;            /* found() has had the objects up to this key; NULL: none */
    char *token;               /* asks for the page behind last_key; NULL: not known */
    struct buffer up_to;       /* keys up to this one are skipped; empty: none */
    struct s3_outcome latest;  /* of the latest page */
};

/* Requests the first page of the keys that begin with PREFIX; http_pool_step() does the rest.
 * Leaves out empty objects whose keys end in "/", which stand for folders, and, after a warning,
 * those whose keys have a NUL byte.  POOL must have room: the list takes at least one of its slots
 * while it lasts.  PREFIX must last as long as the list. */
void s3_list_start(struct s3_list *list, struct s3_bucket *bucket, struct http_pool *pool,
                   const char *prefix);

/* Frees the list's memory, after done() was called or the pool was freed. */
void s3_list_free(struct s3_list *list);

#endif
