/* Counts months of a site anew: its counted objects, in AWStats with its present configuration.
 *
 *   recount_count()     count the months beside the history, which stays as it is
 *   recount_get()       the months: paths of the present history file and of the new one, and their sums
 *   recount_replace()   put the new history files in the place of the old ones, and keep the old ones
 *   recount_free()
 *
 * From recount_count() to recount_free() the site's ledger and the history are locked, so no update
 * changes either.  The ledger stays as it is: the recount reads exactly the objects that are counted by the
 * ledger, and each new history file has the batch of the old one.  The first files of a history
 * get the last batch of the ledger.
 *
 * One run of awstats.pl (awstats/started_run.h) gets the log and divides it into months; the plugin
 * counts each in a run of its own (lib/AWStats/CloudFront/Recount.pm), in a private folder.  One rename of a folder
 * decides that the new files count.  The recount then renames the files one by one; after a crash, the next update
 * or recount does (Replacement.pm).
 *
 *   history_file.c   the figures of history files, and how two files differ
 *   loss.c           whether the history has hits that the counted objects do not have */
#ifndef RECOUNT_RECOUNT_H
#define RECOUNT_RECOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include "batch/batch.h"
#include "config/site.h"
#include "recount/history_file.h"

struct recount;

struct recount_options {
    const struct site *site;
    const char *config;         /* the configuration file of this program */
    struct batch_options batch; /* transfers and wait */
    const char *program;        /* awstats.pl; NULL: the one of this machine */
    const char *awstats_config; /* NULL: the one that reads the site */
    const unsigned *months;     /* YYYYMM, such as 202610 */
    size_t month_count;         /* 0: all months */
    const char *why;            /* this, and the next two, as in struct counted_choice */
    bool may_leave_out;
    const char *leave_out_option;
};

/* A month.  A path is NULL when there is no such file: AWStats had nothing to count. */
struct recount_month {
    char name[sizeof "YYYY-MM"];
    char *before, *after;
    struct history_sums old, new; /* the sums of both files */
};

/* What OPTIONS points to must last as long as the recount, and so must ERROR (zeroed), which gets the
 * errors of all calls.  Returns false after an error; the caller still frees *RECOUNT. */
bool recount_count(struct recount **recount, const struct recount_options *options,
                   struct batch_error *error);

/* Returns the months that have records or a history file, the oldest first. */
const struct recount_month *recount_get(const struct recount *recount, size_t *count);

/* Replaces the history files.  When it fails, either all files are the old ones, or the next update
 * finishes the replacement. */
bool recount_replace(struct recount *recount);

/* After recount_replace(): returns what follows the names of old files that are kept, those whose sums were
 * different; NULL when none is kept.  Valid until recount_free(). */
const char *recount_kept(const struct recount *recount);

void recount_free(struct recount *recount); /* NULL: does nothing */

#endif
