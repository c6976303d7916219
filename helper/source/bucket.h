/* What bucket.c, list_bucket.c and clean_bucket.c share: the connection to the bucket. */
#ifndef SOURCE_BUCKET_H
#define SOURCE_BUCKET_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/pool.h"
#include "s3/bucket.h"
#include "s3/failures.h"
#include "s3/request.h"
#include "source/kind.h"

struct download;

struct bucket_state {
    struct source *source;
    struct s3_bucket bucket;
    struct http_pool *pool;

    /* of list() */
    const struct source_listing *listing;
    struct buffer *list_error;
    uint64_t listed;      /* objects */
    uint64_t listed_size; /* bytes of the keys in the newest list */
    bool list_failed;

    /* of next(), and of the thread that bucket.c describes */
    const struct source_object *objects; /* as many as the source's names */
    struct object_cache *cache;          /* NULL: none */
    pthread_t thread;
    bool has_thread, was_started;
    size_t started;           /* objects; the thread's alone */
    unsigned under_way;       /* the thread's alone */
    struct s3_takers *takers; /* of large objects; the thread's alone */
    pthread_mutex_t lock;     /* of what follows */
    pthread_cond_t changed;
    struct download *first, **last; /* waiting to be taken */
    size_t waiting;                 /* of them */
    uint64_t held, on_disk;         /* bytes in memory, and in temporary files */
    struct s3_failures failures;
    unsigned untold; /* failures that no caller of next() was told of */
    bool give_up, ended;

    /* of remove() */
    struct s3_bucket target; /* where objects move to; zero: nowhere yet */
    bool without_condition;  /* the store knows no conditional deletion */
};

/* Ends the transfer thread, if there is one; the pool is the caller's again. */
void bucket_join(struct bucket_state *state);

/* Lists the objects of a bucket, as source_list(). */
int bucket_list(struct source *source, const struct source_listing *listing, struct buffer *error);

/* Removes objects of a bucket, as source_remove(). */
bool bucket_remove(struct source *source, struct cleaner *cleaner, struct clean_item *items,
                   size_t count);

#endif
