/* A site's batch: the objects that are new since the last commit, once and only once.
 *
 *   batch_take()      the batch that was not committed yet, or else a new one: the source is
 * listed, what is known is left out, and the rest is written down before any is read batch_note()
 * what came of each object batch_hand_out()  what is left out is written down, before the log
 * leaves this program batch_commit()    the log was counted
 *
 * A batch that is taken up again has the same objects, and so gives the same log.  Functions that
 * return false have printed one line. */
#ifndef BATCH_BATCH_H
#define BATCH_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "config/site.h"
#include "ledger/ledger.h"
#include "source/kind.h"

struct batch;

struct batch_options {
    unsigned transfers;
    unsigned wait;      /* seconds for another run to end */
    bool lists_fully;   /* the whole source, and not from where something new can be */
    bool commits_later; /* who reads the log calls for the commit */
};

enum batch_result {
    BATCH_DONE,
    BATCH_FAILED,
    BATCH_HELD /* another run holds the site */
};

/* Takes the site's lock and its batch, and opens SOURCE, which the caller closes, with the objects
 * that are to be read.  SITE must last as long as the batch.  Unless it returns BATCH_DONE one line
 * was printed, and only the ledger and the lock file may have been made. */
enum batch_result batch_take(struct batch **batch, struct source *source, const struct site *site,
                             const struct batch_options *options);
void batch_free(struct batch *batch); /* after source_close() */

const struct ledger_batch *batch_get(const struct batch *batch);

/* What ledger_get_previous() has, as of batch_take(). */
const char *batch_previous(const struct batch *batch);

/* What ledger_get_replaced() has, once the batch is handed out. */
const char *batch_replaced(const struct batch *batch);

/* The views as of the last commit, by views_save(); *data is NULL when there are none. */
void batch_get_views(const struct batch *batch, const void **data, size_t *size);

/* What came of an object. */
enum batch_note {
    BATCH_READ,
    BATCH_FORBIDDEN, /* which may be so for all */
    BATCH_UNREADABLE,
    BATCH_GONE,
    BATCH_CHANGED
};

/* Notes what came of the source's object; CAUSE is one line, and copied.  Thread-safe.  False when
 * there is no use in going on: objects are forbidden, and none was had, or memory has run out. */
bool batch_note(struct batch *batch, size_t object, enum batch_note note, const char *cause);

/* Once all objects are noted: writes down what is left out, says so, and stores the number of
 * objects that are set aside in *aside.  NAMES are the source's.  False when the batch must not be
 * handed out. */
bool batch_hand_out(struct batch *batch, char *const *names, const struct ledger_outcome *outcome,
                    uint64_t *aside);

/* The batch was counted. */
bool batch_commit(struct batch *batch);

/* Deletes or moves what was counted, if the site's setting "after" says so.  What fails is
 * reported, and tried again by the next run. */
void batch_clean_up(struct batch *batch);

/* Commits the site's open batch when it has this ID, and cleans up; does no more than the latter
 * when the last one committed has it; else fails.  PREVIOUS: as for ledger_set_previous().  Of the
 * options, transfers and wait count. */
enum batch_result batch_commit_by_id(const struct site *site, const char *id, const char *previous,
                                     const struct batch_options *options);

/* Says what the history has, as ledger_set_previous(), and that the ledger is this site's, whatever
 * it was before.  Of the options, wait counts. */
enum batch_result batch_set_previous(const struct site *site, const char *previous,
                                     const struct batch_options *options);

#endif
