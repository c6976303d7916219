/* Goes through a bucket's listing, page by page, in the order of its keys. */
#ifndef S3_LIST_OBJECTS_H
#define S3_LIST_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "s3/list_page.h"
#include "http/pool.h"
#include "text/buffer.h"

struct s3_walk {
    struct s3_pool *pool;
    const char *prefix;
    struct s3_request request;
    struct buffer query;
    struct s3_page page;
    char *last_key;      /* of the pages before, NULL: none */
    char *token;         /* that the page under way was asked for with, NULL: the first page */
    struct buffer up_to; /* keys up to this one are passed over; empty: none */
    bool out_of_memory;
    void *user;
    /* An object, in the order of keys.  The key is the callee's to free.  False: end the walk
     * (the callee has said why). */
    bool (*found)(void *user, struct s3_object object);
    /* NULL, or asked for each key: up to which key nothing is wanted.  Adds that key to UP_TO, or
     * nothing when KEY itself is wanted.  What is passed over this way is not asked for. */
    void (*skip)(void *user, const char *key, struct buffer *up_to);
    /* The last call: S3_DONE when every object was given, S3_STOPPED after false. */
    void (*done)(void *user, const struct s3_outcome *outcome);
};

/* Asks the pool, which must have room, for the first page of the bucket's keys that begin with
 * PREFIX; s3_pool_step() does the rest.  Empty objects whose keys end in "/", which stand for
 * folders, are left out.  PREFIX must last as long as the walk.  WALK's user, found, skip and done
 * are set, all else is zero.  It uses one of the pool's places while it lasts. */
void s3_walk_start(struct s3_walk *walk, struct s3_pool *pool, const char *prefix);

/* Once done() was called or the pool is gone. */
void s3_walk_free(struct s3_walk *walk);

#endif
