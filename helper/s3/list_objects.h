/* Lists the objects of a bucket, page by page, in the order of their keys. */
#ifndef S3_LIST_OBJECTS_H
#define S3_LIST_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "http/pool.h"
#include "s3/bucket.h"
#include "s3/list_page.h"
#include "s3/request.h"
#include "text/buffer.h"

/* Zeroed but for user, found, skip and done, which the caller sets. */
struct s3_list {
    void *user;
    /* Takes an object; objects come in the order of their keys.  The callee frees the key.  Returns
     * false to end the list. */
    bool (*found)(void *user, struct s3_object object);
    /* NULL, or called with a key: adds to UP_TO the key up to which the caller wants no objects;
     * adds nothing if the caller wants the object KEY.  Pages that are skipped this way are not
     * requested. */
    void (*skip)(void *user, const char *key, struct buffer *up_to);
    /* The last call: S3_DONE when every object was given, S3_STOPPED after found() returned
     * false. */
    void (*done)(void *user, const struct s3_outcome *outcome);

    /* The rest is the list's own. */
    struct http_pool *pool;
    struct s3_bucket *bucket;
    const char *prefix;
    struct s3_request request;
    struct buffer query;
    struct s3_page page;
    unsigned empty_pages; /* in a row, so far */
    unsigned wrong;       /* answers that broke the rules of S3, for the present page */
    char *last_key;       /* of the pages before, NULL: none */
    char *token;          /* with which the present page was asked for, NULL: the first page */
    struct buffer up_to;  /* keys up to this one are skipped; empty: none */
};

/* Requests the first page of the keys that begin with PREFIX; http_pool_step() does the rest.
 * Leaves out empty objects whose keys end in "/", which stand for folders.  POOL must have room:
 * the list takes one of its slots while it lasts.  PREFIX must last as long as the list. */
void s3_list_start(struct s3_list *list, struct s3_bucket *bucket, struct http_pool *pool,
                   const char *prefix);

/* Frees what the list holds, once done() was called or the pool is gone. */
void s3_list_free(struct s3_list *list);

#endif
