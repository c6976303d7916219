/* What the run's files share. */
#ifndef RUN_INTERNAL_H
#define RUN_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "log/missing.h"
#include "run/run.h"
#include "sort/sort.h"
#include "source/source.h"
#include "stream/assemble.h"
#include "text/buffer.h"
#include "unique/recent_ids.h"

/* What was found in an object that was read. */
struct object_notes {
    uint64_t bad;     /* rows */
    unsigned missing; /* columns: bits of missing_find() */
};

struct run {
    struct run_options options;
    struct batch_error *error;
    struct batch *batch;   /* NULL without one */
    struct batch *counted; /* has the counted objects; NULL without them */
    bool *is_copy;         /* without a batch, of each object: another one holds the same log */
    struct source *sources;
    uint32_t *first_object; /* of each source, in the whole run */
    size_t source_count, object_count;
    struct sort *records, *events;
    struct sort_writer *view_writer; /* of records, for the main thread */
    struct assemble_state state;     /* of a batch's views */
    uint64_t open_views;             /* left to the next batch */
    uint64_t record_count;           /* of the log that was written */
    pthread_mutex_t lock;            /* of what follows, while objects are read */
    uint64_t bad;                    /* rows */
    struct object_notes *notes;      /* of each object; zeroed once it is dropped */
    uint64_t bad_objects;            /* objects with bad rows of their own */
    uint64_t quarantined;            /* objects */
    unsigned failures;
    struct recent_ids *request_ids; /* of a site that counts each request once; else NULL */
    uint64_t without_request_id;    /* records that have none */
    atomic_bool stop;               /* no worker goes on */
};

/* Stores the error of a sort that failed; returns false. */
bool run_fail_on_sort(struct run *run);

#endif
