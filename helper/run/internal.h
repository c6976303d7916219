/* What the run's files share. */
#ifndef RUN_INTERNAL_H
#define RUN_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "log/day_keys.h"
#include "log/missing.h"
#include "log/reader.h"
#include "run/run.h"
#include "sort/sort.h"
#include "source/source.h"
#include "stream/assemble.h"
#include "text/buffer.h"
#include "unique/recent_ids.h"

/* What was found in an object that was read. */
struct object_notes {
    uint64_t bad;           /* rows */
    unsigned missing;       /* columns: bits of missing_find() */
    uint64_t hosts_lacking; /* records left out although the log lacks the column of the host */
};

struct run {
    struct run_options options;
    struct batch_error *error;
    struct batch *batch;    /* NULL without one */
    struct batch *counted;  /* has the counted objects; NULL without them */
    bool *is_copy;          /* without a batch, of each object: another one holds the same log */
    struct digest *digests; /* without a ledger, of each object's text, if they can be equal */
    struct source *sources;
    uint32_t *first_object; /* of each source, in the whole run */
    size_t source_count, object_count;
    struct sort *records, *events;
    struct sort_writer *view_writer;  /* of records, for the main thread */
    struct assemble_state state;      /* of a batch's views */
    uint64_t open_views;              /* left to the next batch */
    uint64_t record_count;            /* of the log that was written */
    pthread_mutex_t lock;             /* of what follows, while objects are read */
    uint64_t bad;                     /* rows */
    struct object_notes *notes;       /* of each object; zeroed once it is dropped */
    uint64_t bad_objects;             /* objects with bad rows of their own */
    uint64_t quarantined;             /* objects */
    uint64_t other_hosts;             /* records of hosts that the setting host does not name */
    char other_host[HOSTS_NAME_SIZE]; /* one of these hosts */
    struct hosts lacking;             /* of the first object that lacks the column of the host */
    uint32_t lacking_object;          /* its number */
    uint64_t hosts_lacking;           /* records: run_warn_of_lacking_hosts() has warned of them */
    bool has_hosts;                   /* a record is of a host that is read */
    uint64_t passed_over;             /* objects without requests, when there is no batch */
    unsigned failures;
    struct recent_ids *request_ids; /* of a site that counts each request once; else NULL */
    struct day_keys *visitor_keys;  /* of anonymize = hash; else NULL */
    uint64_t without_request_id;    /* records that have none */
    bool is_read;                   /* run_read() has succeeded */
    atomic_bool stop;               /* no worker goes on */
};

/* Adds what a source's object holds to the sums of the run, and records its outcome in the batch; names
 * the first objects that have malformed lines. */
void run_count_object(struct run *run, size_t source, size_t number,
                      const struct reader_summary *summary);

/* Frees the sorts: their records are written, or not wanted. */
void run_free_records(struct run *run);

/* Takes the records of an object out of the log, and its malformed lines out of their sum; USER is the
 * run. */
void run_drop_copy(void *user, size_t object);

/* Warn of the objects with malformed lines that were not named, and of columns that objects lack, with the
 * figures that are false without them. */
void run_warn_of_more_bad(const struct run *run);
void run_warn_of_missing(const struct run *run);

/* Warns if records were left out because of their host although their log lacks the column of the host. */
void run_warn_of_lacking_hosts(struct run *run);

/* Returns the outcome of the object NAME that the reader could not read. */
enum batch_outcome run_unread_outcome(const struct reader *reader, const char *name);

/* Returns what to do about an object that makes a run fail, or "". */
const char *run_advice(enum batch_outcome outcome);

/* Passes over an object that holds no requests, with one line that says what it holds.  Returns false when
 * somebody else must know: the batch, or the user who named this object alone. */
bool run_pass_over(struct run *run, size_t source, size_t number, const char *error);

/* Warns of those that were not named, and of settings that choose no object or no record. */
void run_warn_of_passed_over(const struct run *run);

/* Stores the error of a sort that failed; returns false. */
bool run_fail_on_sort(struct run *run);

#endif
