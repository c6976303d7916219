/* What the batch's files share. */
#ifndef BATCH_INTERNAL_H
#define BATCH_INTERNAL_H

#include <pthread.h>

#include "batch/batch.h"

/* An object that holds the same log as another one of its batch. */
struct copy {
    size_t object;
    size_t first;    /* the first object that holds this log */
    char *twin;      /* its key, until copies_begin(), or the key of the counted object; owned */
    bool is_dropped; /* its records are in the log, or counted, already */
    bool is_known;   /* they are counted: from the object with the key TWIN */
};

struct batch {
    struct site site;      /* the caller's, with source as owner_take() gives it */
    struct source *source; /* the caller's; NULL while there is none */
    struct batch_error *error;
    char *source_name; /* site.source, owned */
    char *regions;     /* site.regions, owned */
    char *path;        /* of the ledger */
    unsigned transfers;
    bool has_cleaned_up; /* what waited from earlier runs was tried in this one */
    enum batch_end end;
    bool is_begun_here; /* this run began the batch; it did not resume it */
    bool is_planned;    /* as in struct batch_options */
    bool is_refused;    /* by batch_check_hosts() or batch_give_up(): batch_free() abandons it */
    int lock;
    struct ledger *ledger;
    struct ledger_batch current;
    bool has_counted; /* batch_has_counted() */
    char previous[BATCH_ID_SIZE];
    char *former, *history,
        *files; /* ledger_get_former(), ledger_get_history(), ledger_get_files() */
    struct buffer replaced;
    void *views;
    size_t views_size;
    struct source_object *objects; /* to read; made by source_object_copy() */
    size_t count, capacity;
    bool *was_quarantined; /* of each object */
    size_t was_quarantined_capacity;
    struct copy *copies; /* see copies.c */
    size_t copy_count, copy_capacity;
    size_t
        *counted; /* of each object, one more than the number of the object that was read for it, 0:
                      * none; NULL without copies */
    struct digest *digests; /* of each object; zeroed: it was not read */
    bool *stays;            /* of each object, as for batch_set_read() */
    uint64_t quarantined; /* objects that an earlier preparation of the batch left out, later all */
    pthread_mutex_t mutex; /* of what follows, while objects are read */
    struct batch_left_out *left_out;
    size_t left_out_count, left_out_capacity;
    size_t reached;   /* objects whose bytes were there, readable or not */
    size_t failed;    /* objects forbidden, corrupt or unsent that were not quarantined before */
    size_t unsent;    /* those of them that are unsent; of a prepared batch, all that are unsent */
    bool has_stopped; /* batch_leave_out() has returned false */
};

/* Records that OBJECT holds the same log as the object with the key TWIN, for batch_drop_copies().
 * copies_begin() follows when all objects are there, then copies_set_read() for those that were
 * read.  copies_drop() drops one that was read: its records are those of FIRST, or, unless TWIN is NULL,
 * of the counted object with this key. */
void copies_add(struct batch *batch, size_t object, const char *twin);
void copies_begin(struct batch *batch);
void copies_set_read(struct batch *batch, size_t object);
void copies_drop(struct batch *batch, size_t object, size_t first, const char *twin);
void copies_free(struct batch *batch);

/* Makes an ID.  IDs sort by the time at which they were made, which is stored in *SECONDS (UTC). */
bool batch_make_id(char id[BATCH_ID_SIZE], int64_t *seconds, struct batch_error *error);

/* Takes the lock, and opens the ledger, which must be the site's unless ANY_OWNER is set. */
bool batch_open(struct batch **batch, const struct site *site, const struct batch_options *options,
                bool any_owner, struct batch_error *error);

/* Adds an object to those to read, which own copies of its texts. */
void batch_add_object(struct batch *batch, const struct source_object *object);

/* Orders the objects to read by their keys, as batch_find_object() needs them.  They are not in this order when a site
 * has several sources, which are listed one after the other. */
void batch_sort_objects(struct batch *batch);

/* Returns the index of the object with this key among those to read; batch->count if there is no such object. */
size_t batch_find_object(const struct batch *batch, const char *key);

/* Records the site's source as the ledger's, as owner_take() does.  OPEN: the open batch, or
 * NULL. */
bool batch_take_source(struct batch *batch, const struct ledger_batch *open);

#endif
