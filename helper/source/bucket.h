/* The connection to a bucket, which bucket.c, list_bucket.c, clean_bucket.c and move_target.c share. */
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

    /* of next(), and of the transfer thread (bucket.c) */
    const struct source_object *objects; /* as many as the source's names */
    struct object_cache *cache;          /* NULL: none */
    pthread_t thread;
    bool has_thread, was_started;
    /* Only the transfer thread uses these three. */
    size_t started;           /* objects */
    unsigned under_way;       /* requests */
    struct s3_takers *takers; /* of large objects */
    /* The lock guards the members up to ended. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct download *first, **last; /* the queue of downloads that next() will take */
    size_t waiting;                 /* downloads in the queue */
    uint64_t held, on_disk;         /* bytes in memory, and in temporary files */
    struct s3_failures failures;
    unsigned untold; /* failures for which no call of next() has returned -1 yet */
    bool give_up, ended;

    /* of remove() */
    struct s3_bucket target; /* where objects move to; zero: nowhere yet */
    bool without_condition;  /* the store knows no conditional deletion */
    bool without_only_new;   /* the store knows no copy that must not replace another object */
};

/* A clean-up gives up after so many requests of one kind in a row that failed in all their tries: the store is down. */
enum { BUCKET_UNSENT_MAX = 3 };

/* Ends the transfer thread, if there is one.  Then the caller's thread may use the pool. */
void bucket_join(struct bucket_state *state);

/* Lists the objects of a bucket, as source_list(). */
int bucket_list(struct source *source, const struct source_listing *listing, struct buffer *error);

/* Removes objects of a bucket, as source_remove(). */
bool bucket_remove(struct source *source, struct cleaner *cleaner, struct clean_item *items,
                   size_t count);

#endif
