/* A site's batch: the objects that are new since the last commit, each exactly once.
 *
 *   batch_take()         resume the open batch, or list the source and begin a new one
 *   batch_set_read()     record the outcome of each object; or batch_leave_out()
 *   batch_drop_copies()  drop the objects whose log was read from another one
 *   batch_prepare()      store what is left out, before the log leaves this program
 *   batch_commit()       mark the batch as counted
 *
 * A batch that is resumed has the same objects, and so gives the same log.
 *
 * A batch is a two-phase commit between the ledger and the AWStats history.  It is begun before any object is read.  It
 * is prepared before the first byte of the log is written: the ledger then has what the commit will need (malformed
 * rows, open views).  A history file gets the batch's ID in the rename that puts the numbers in place
 * (lib/AWStats/CloudFront/Batch.pm); only then the batch is committed, and objects are deleted or moved.
 *
 * Each log names the batch before it.  If the history has another one, an old copy of the history or the ledger was
 * restored, and the update fails.  The ledger also knows the batch of each history file, so a month that is missing, or
 * an old copy, is noticed.  The ledger stores the name of its history, and the history the names of its sites: a
 * renamed site and a second configuration are refused (adopt.c).
 *
 *   batch.c        take, free
 *   new_objects.c  lists the source for a new batch; source/key_hour.c tells where the listing may begin
 *   same_log.c     decides whether two objects hold the same log
 *   renamed.c      finds objects of other names that hold the same log (contents.c)
 *   copies.c       objects of one batch that hold the same log
 *   same_text.c    objects that turn out to hold the same log when they are read
 *   reading.c      how objects are read; those that were passed over are read again when it changes
 *   prepare.c      outcomes, what is left out, revisions
 *   moved.c        whether the objects of an open batch were moved within the source
 *   other_hosts.c  batches without a record of the hosts that the setting host names
 *   commit.c       commit, and the clean-up after it (clean_up.c); the end of a plan's batch that is given up
 *   planned.c      the plan by which many tasks count the batch: nobody else may take it meanwhile
 *   request_ids.c  where the request IDs of recent batches are
 *   counted.c      the objects that were counted (counted.h), divided into logs (logs.c)
 *   gone.c         counted logs that the source no longer has
 *   region.c       in which region S3 has found the bucket
 *   owner.c        which site and which source a ledger belongs to
 *   adopt.c        a site, and an AWStats history, by a new name
 *   error.c, messages.c  the error of a batch; the same for people, with advice
 *
 * Functions that return false have stored the reason and one line of text in the struct batch_error
 * that the batch was taken with; the caller prints it, with what to type. */
#ifndef BATCH_BATCH_H
#define BATCH_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "batch/error.h"
#include "config/site.h"
#include "ledger/ledger.h"
#include "source/source.h"

struct batch;

/* What becomes of the batch when its log is written. */
enum batch_end {
    BATCH_STAYS,   /* nothing: the log is only looked at, and the ledger is as it was before */
    BATCH_PREPARE, /* the reader of the log runs the commit */
    BATCH_COMMIT,  /* the run commits once its reader has taken the log */
};

struct batch_options {
    unsigned transfers; /* requests at once */
    unsigned wait;      /* seconds to wait for another run of the site to end */
    bool lists_fully;   /* list the whole source, not only where new objects can be */
    bool is_planned;    /* the caller is a task of the plan that has the batch (batch/planned.h) */
    const char *id; /* of the open batch to take, else BATCH_IS_OTHER; NULL: any, or a new one */
    enum batch_end end;
    /* Called at most once, when it is certain that the batch has objects that are not quarantined: while the
     * source is still listed.  NULL: not called. */
    void (*has_objects)(void *user);
    void *user;
};

/* Takes the site's lock and its batch, and connects SOURCE with the objects to read, whose names the
 * batch owns: the caller first closes SOURCE, and then frees the batch.  With BATCH_STAYS, batch_free()
 * removes a batch that was begun here from the ledger.  SITE, SOURCE and ERROR (zeroed) must last as long
 * as the batch.  Returns false after an error; then at most the ledger and the lock file have been
 * created, and the caller still frees *BATCH. */
bool batch_take(struct batch **batch, struct source *source, const struct site *site,
                const struct batch_options *options, struct batch_error *error);
void batch_free(struct batch *batch); /* after source_close(); NULL: does nothing */

const struct ledger_batch *batch_get(const struct batch *batch);

/* Returns the objects that are to be read, in the order of their keys; valid until batch_free(). */
const struct source_object *batch_get_objects(const struct batch *batch, size_t *count);

/* Returns what ledger_get_previous() gave at batch_take(). */
const char *batch_previous(const struct batch *batch);

/* Return what ledger_get_former() and ledger_get_history() gave at batch_take(), or NULL. */
const char *batch_former(const struct batch *batch);
const char *batch_history(const struct batch *batch);

/* Returns what ledger_get_files() gave at batch_take(). */
const char *batch_files(const struct batch *batch);

/* Returns what ledger_get_replaced() gave when the batch was prepared. */
const char *batch_replaced(const struct batch *batch);

/* Stores the open views as of the last commit, by views_save(); *data is NULL when there are
 * none. */
void batch_get_views(const struct batch *batch, const void **data, size_t *size);

/* For a site with the setting unique: stores the paths of the file with the request IDs of earlier
 * batches (NULL: there is none) and of the file that this batch must write before it is committed
 * (NULL with BATCH_STAYS).
 * Tells when the setting is new and requests were counted before.  The caller frees both. */
bool batch_get_request_ids(struct batch *batch, char **before, char **after);

/* Why an object of the source is left out. */
enum batch_outcome {
    BATCH_FORBIDDEN, /* no permission, perhaps for all objects */
    BATCH_UNREADABLE,
    BATCH_GONE,
    BATCH_CHANGED,
    BATCH_FOREIGN,   /* it holds something else than requests, and is passed over */
    BATCH_MALFORMED, /* no line of it can be read; it is passed over, and was named for that */
    BATCH_CORRUPT, /* the bucket did not send the bytes that it has listed, perhaps of any object */
    BATCH_UNSENT   /* the network or the store failed in each try, perhaps for all objects */
};

/* Whether an object with this outcome is not read again, as long as it is read in the same way. */
bool batch_is_passed_over(enum batch_outcome outcome);

/* Records the outcome of the source's object, which is left out; ERROR is one line, and copied.
 * Thread-safe.  Returns false once, when the run should stop: ten objects are forbidden or corrupt, and none was
 * read; or so many are unsent that the network or the store seems to be down; or AWStats may have counted one of
 * these. */
bool batch_leave_out(struct batch *batch, size_t object, enum batch_outcome outcome,
                     const char *error);

/* Gives up a batch whose objects could not all be read: batch_free() makes them new again, unless the batch was
 * prepared before, or a plan has it.  So the next run lists them anew: the list may have been wrong, and the
 * settings may leave out an object by then. */
void batch_give_up(struct batch *batch);

/* Records that the source's object was read, the digest of its text, and whether it STAYS although the
 * setting after would delete or move it.  Thread-safe. */
void batch_set_read(struct batch *batch, size_t object, const struct digest *digest, bool stays);

/* Drops objects from the batch, once all outcomes are recorded, whose log was read from another
 * object, now or by an earlier batch: calls DROP for each, and prints one warning.  Warns of objects
 * that have replaced counted ones, too. */
bool batch_drop_copies(struct batch *batch, void (*drop)(void *user, size_t object), void *user);

/* How many objects batch_drop_copies() has dropped. */
size_t batch_count_dropped(const struct batch *batch);

/* Prepares the batch, once all outcomes are recorded: stores which objects its log leaves out,
 * and REVISION; with BATCH_STAYS, stores nothing.  Returns false when the log must not be written. */
bool batch_prepare(struct batch *batch, const struct ledger_revision *revision);

/* An object that the prepared batch leaves out. */
struct batch_left_out {
    size_t object;    /* its number in the source */
    const char *name; /* what messages call it; valid until source_close() */
    enum batch_outcome outcome;
    char *error; /* one line */
};

/* Returns the objects that this run has left out, in the order of the source; valid until
 * batch_free(). */
const struct batch_left_out *batch_get_left_out(const struct batch *batch, size_t *count);

/* Whether an object was quarantined already by an earlier batch. */
bool batch_was_quarantined(const struct batch *batch, size_t object);

/* How many objects of the prepared batch are quarantined. */
uint64_t batch_count_quarantined(const struct batch *batch);

/* Whether an object was counted before the batch was taken. */
bool batch_has_counted(const struct batch *batch);

/* Marks the batch as counted. */
bool batch_commit(struct batch *batch);

/* What the AWStats history has. */
struct batch_history {
    const char *name;     /* of its files; NULL: unknown, the ledger keeps the name it has */
    const char *previous; /* the last batch, as for ledger_set_previous() */
    const char *files;    /* that AWStats has written, as for ledger_commit() */
    const char *figures;  /* of the batch, as for ledger_commit() */
};

/* Marks the prepared batch as counted into HISTORY. */
bool batch_commit_counted(struct batch *batch, const struct batch_history *history);

/* Whether this run began the batch, and the batch has no object to read. */
bool batch_has_nothing_new(const struct batch *batch);

/* Whether this run began the batch, and all its objects are quarantined, since earlier runs could not read them.  False
 * if the batch has no objects. */
bool batch_has_only_quarantined(const struct batch *batch);

/* Deletes or moves the counted objects, as the site's setting "after" says, over the connection
 * of the batch's source.  Prints errors; the next run tries again.  WAITING: as for clean_up_run(). */
void batch_clean_up(struct batch *batch, volatile uint64_t *waiting);

/* Returns whether batch_commit_by_id() would find the batch with this ID, prepared or committed last; not, with what to
 * do, when the ledger has no such batch.  Uses wait of the options. */
bool batch_check_waits(const struct site *site, const char *id, const struct batch_options *options,
                       struct batch_error *error);

/* Commits the site's open batch when it has this ID, and cleans up; only cleans up when the last
 * batch that was committed has it; else fails.  Uses transfers and wait of the options. */
bool batch_commit_by_id(const struct site *site, const char *id,
                        const struct batch_history *history, const struct batch_options *options,
                        struct batch_error *error);

/* Removes the open batch of a plan from the ledger, so its objects are new again.  The caller knows that AWStats has
 * not begun to count the batch.  Uses wait of the options. */
bool batch_abandon_planned(const struct site *site, const struct batch_options *options,
                           struct batch_error *error);

/* Makes the ledger of the site FROM, which is the one that the setting state of SITE names, the
 * ledger of SITE under its new name.  Succeeds when that was done before.  Uses wait of the
 * options. */
bool batch_adopt_site(const struct site *site, const char *from,
                      const struct batch_options *options, struct batch_error *error);

/* Records that the AWStats history with this NAME counts the site's batches.  Uses wait of the
 * options. */
bool batch_adopt_history(const struct site *site, const char *name,
                         const struct batch_options *options, struct batch_error *error);

/* Records PREVIOUS as the last batch in the AWStats history, and accepts its files as they are; a source of another
 * kind than before counts as new.  Uses wait of the options. */
bool batch_set_previous(const struct site *site, const char *previous,
                        const struct batch_options *options, struct batch_error *error);

/* Call before another program than an update writes the first files of the AWStats history, with the last
 * batch: until the next commit, the ledger accepts the history with and without it. */
bool batch_begin_history(const struct batch *batch);

#endif
