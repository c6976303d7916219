/* One request of a list: for the page of objects behind a key.  Only s3/list_objects.c uses this. */
#ifndef S3_LIST_PIECE_H
#define S3_LIST_PIECE_H

#include <stdbool.h>
#include <stddef.h>

#include "http/pool.h"
#include "s3/bucket.h"
#include "s3/list_page.h"
#include "s3/request.h"
#include "text/buffer.h"

struct s3_list;

struct s3_piece {
    struct s3_list *list;
    struct s3_piece *next; /* its keys come after those of this one */
    char *after;           /* the page has the keys behind this one; owned; NULL: from the first */
    /* By which the page before names this one; owned.  "": the page before says only that there is this one; NULL: this
     * one is known by its key alone. */
    char *token;
    bool is_guess; /* AFTER was made from names: a list can do without this page */
    size_t
        most; /* bytes of the response that the list has room for; 0: as many as a page may have */
    unsigned empty_pages; /* before this one, in a row */

    /* Once it is sent: */
    struct s3_request request;
    struct buffer query;
    bool is_under_way;
    bool is_dropped;     /* nobody wants it any more: it frees itself */
    struct s3_page page; /* the response, once it is here */
    size_t received;     /* bytes of the response */
    bool is_too_large;   /* it has more than MOST */
    size_t size;         /* bytes of the page in memory */
    unsigned broken;     /* responses that broke the rules of S3 */
    bool is_misfit;      /* of a guess: its page cannot be used */
    bool is_here;
};

/* Makes a piece; copies AFTER and TOKEN, which may be NULL. */
struct s3_piece *s3_piece_new(struct s3_list *list, const char *after, const char *token);

/* Sends the request.  When it has ended, calls DONE, at once if it cannot be sent. */
void s3_piece_start(struct s3_piece *piece, struct s3_bucket *bucket, struct http_pool *pool,
                    void (*done)(struct s3_request *request, const struct s3_outcome *outcome));

/* Returns the last key up to which the page has all keys; NULL: none.  Valid while the piece is. */
const char *s3_piece_reach(const struct s3_piece *piece);

/* Whether the page has a key behind AFTER, as every page with an object has, unless all keys have NUL bytes. */
bool s3_piece_advances(const struct s3_piece *piece);

void s3_piece_free(struct s3_piece *piece); /* one that is not under way */

#endif
