/* A run: from a site's batch, or from sources, to one normalized log.
 *
 *   open.c    where the objects come from; the end of a run
 *   read.c    objects → sorts → views
 *   notes.c   malformed lines and missing columns of the objects that were read
 *   pass_over.c  objects that hold no requests
 *   copies.c, texts.c  objects that hold the same log, in a run without a ledger: before and after reading
 *   visitor_keys.c  the keys of anonymize = hash
 *   write.c   header, merge, end
 *
 * The caller calls the steps one after the other, each in any thread:
 *
 *   run_open()    connect and list the sources, or take the site's batch or its counted objects
 *   run_read()    read all objects, sort what they hold, make views; prepare the batch
 *   run_write()   write the log to a descriptor; with BATCH_COMMIT, commit the batch
 *   run_close()
 *
 * Nothing is written before everything was read, so a run that fails has written nothing.
 *
 * Threads.  run_read() starts one worker for each core, at most THREADS_MAX, and joins them all
 * before it returns; nothing else of a run is concurrent, except the thread of a bucket
 * (source/bucket.c).  A worker takes an object from the sources, in their order, and reads it to
 * its end with a reader of its own.  The reader adds to two sorts: the records of download logs to
 * one, the events of streaming logs to the other.  Each worker has a writer of its own in both,
 * which shares nothing while its arena lasts.  RUN_ARENAS_MIB bounds the arenas of all workers
 * together in each sort; a full arena is spilled to an unnamed temporary file.  So memory is
 * bounded by the two sorts, the inflate buffers of the workers, and what the sources hold.
 *
 * An object's body belongs to the worker that took it.  The number of the object decides the order
 * of records of one time, and never the worker, so the log does not depend on the threads.
 *
 * The lock guards the sums of the workers: counts, missing columns.  It is
 * held for a few additions, once an object.  The batch has a lock of its own for the outcomes, and
 * the sorts for their lists of runs and of dropped objects; no lock is taken inside another.
 *
 * A stop.  `stop` is set, and never cleared, when the run can only fail: a sort failed, ten objects
 * failed, or the batch failed.  Each worker looks at `stop` before each object, so it ends at the latest
 * after its present object; closing the source then stops the transfers. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch/batch.h"
#include "batch/counted.h"
#include "config/site.h"
#include "log/reader.h"
#include "log/write_as.h"
#include "text/output.h"

struct run;

/* A part of a batch, whose objects are read by themselves: no ledger is looked at.  The functions are called from any
 * thread. */
struct run_part {
    const struct source_object *objects; /* in the order of their keys */
    size_t count;
    const bool *is_dropped; /* of each object: another one holds its log; NULL: none is dropped */
    void (*left_out)(void *user, size_t object, enum batch_outcome outcome, const char *error);
    void (*read)(void *user, size_t object, const struct reader_summary *summary, bool stays);
    void *user;
};

struct run_options {
    const struct site *site;    /* type, client and host; and, with has_batch, the site itself */
    bool has_batch;             /* read the site's batch; else the sources */
    const char *config;         /* with has_batch: the configuration file that the log names */
    char *const *sources;       /* s3://BUCKET/PREFIX, a path, or "-" */
    size_t source_count;        /* of them */
    struct batch_options batch; /* transfers counts without a batch, too */
    /* Read the site's counted objects instead, and leave out the views that are not counted yet.
     * The log names the batch that was committed last. */
    const struct counted_choice *counted;
    /* Read these objects of the site's source, for run_visit().  Logs of streaming distributions are an error. */
    const struct run_part *part;
    enum write_as
        as; /* what run_write() writes; another format than the normalized log has no lines
                        * of the batch, and no #End */
    bool keeps_places; /* as in struct reader_options; for run_visit() */
};

/* Connects and lists the sources, or takes the site's batch.  What OPTIONS points to must last as
 * long as the run.  Later errors are stored in ERROR (zeroed), too; the error of a single object is
 * also printed at once.  Returns false after an error; then the caller still closes *RUN. */
bool run_open(struct run **run, const struct run_options *options, struct batch_error *error);

/* Reads all objects, and prepares the batch.  Returns false after an error. */
bool run_read(struct run *run);

/* Calls VISIT for each record, with its LF and its time (seconds since 1970), in the place of run_write().  Returns
 * false after an error. */
typedef void run_visitor(void *user, const char *record, size_t size, uint32_t time);
bool run_visit(struct run *run, run_visitor *visit, void *user);

/* Returns the batch that has the counted objects of the run; NULL without them. */
const struct batch *run_counted(const struct run *run);

/* Returns the run's batch, as of run_read(); the caller prints the objects that it leaves out.
 * NULL without a batch. */
const struct batch *run_batch(const struct run *run);

/* Returns how many records the log has at most, once run_read() has succeeded and until run_write() ends.  Counts the
 * records of objects that are left out after they were read, and those that run_write() leaves out because earlier
 * records have the same request ID. */
uint64_t run_sorted_records(const struct run *run);

/* Returns how many records the log has, as of run_write(). */
uint64_t run_record_count(const struct run *run);

/* Writes the log to FD, and closes FD.  NAME is what errors call it.  Then, with BATCH_COMMIT:
 * waits until the reader of a pipe has taken everything, commits the batch, and cleans up.  False: failed. */
bool run_write(struct run *run, int fd, const char *name);

/* The same to a sink. */
bool run_write_sink(struct run *run, const struct output_sink *sink, const char *name);

/* Ends run_read() early, which then fails.  May be called in any thread. */
void run_stop(struct run *run);

/* Marks the run's batch as counted, when the log was written with BATCH_PREPARE. */
bool run_commit(struct run *run, const struct batch_history *history);

/* Deletes or moves the counted objects after the commit, as batch_clean_up() does. */
void run_clean_up(struct run *run, volatile uint64_t *waiting);

/* Whether the batch was begun by this run, and has no objects. */
bool run_has_nothing_new(const struct run *run);

/* Whether this run began the batch, and all its objects are quarantined, since earlier runs could not read them. */
bool run_has_only_quarantined(const struct run *run);

/* Marks the batch as counted, without a log: the history stays as it is.  For a batch without objects, or with none
 * that can be read.  Calls run_read() unless the caller has called it. */
bool run_commit_nothing(struct run *run);

/* Returns how many objects the run reads. */
size_t run_object_count(const struct run *run);

void run_close(struct run *run); /* NULL: does nothing */

#endif
