/* One request of a list, for the page of objects behind a key.  Only s3/list_objects.c uses
 * this. */
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
    struct s3_piece *next; /* the piece whose keys come next */
    char *after;           /* the page begins behind this key; owned; NULL: at the first key */
    /* The token of the page before, which asks for this one; owned.  "": the page before says that
     * pages follow, but has no token, so the store may take AFTER as marker.  NULL: no page before
     * names this one. */
    char *token;
    bool is_guess;        /* AFTER was guessed: the list can do without this page */
    size_t most;          /* bytes of the response that the list has room for; 0: S3_PAGE_MAX */
    unsigned empty_pages; /* before this one, in a row */

    /* Once the request is sent: */
    struct s3_request request;
    struct buffer query;
    bool is_under_way;
    bool is_dropped; /* the list needs the page no more: the end of the request frees the piece */
    struct s3_page page; /* the response, once is_here is set */
    size_t received;     /* bytes of the response */
    bool is_too_large;   /* the response has more bytes than MOST */
    size_t size;         /* bytes of the page in memory */
    unsigned broken;     /* responses that broke the rules of S3 */
    bool is_from_start;  /* the page begins at or before AFTER, so the store ignores start-after */
    bool is_here;
};

/* Makes a piece; copies AFTER and TOKEN, which may be NULL. */
struct s3_piece *s3_piece_new(struct s3_list *list, const char *after, const char *token);

/* Sends the request.  When it has ended, calls DONE, at once if it cannot be sent. */
void s3_piece_start(struct s3_piece *piece, struct s3_bucket *bucket, struct http_pool *pool,
                    void (*done)(struct s3_request *request, const struct s3_outcome *outcome));

/* Returns the key up to which the list is known after this page: its last key, or AFTER for an
 * empty page, which may be NULL.  Valid as long as the piece. */
const char *s3_piece_reach(const struct s3_piece *piece);

/* Returns whether the page reaches beyond AFTER.  Every page with an object does, unless all its
 * keys have NUL bytes. */
bool s3_piece_advances(const struct s3_piece *piece);

/* Frees a piece that is not under way. */
void s3_piece_free(struct s3_piece *piece);

#endif
