/* Tells whether the AWStats history is the one that the ledger knows. */
#ifndef UPDATE_HISTORY_H
#define UPDATE_HISTORY_H

#include <stdbool.h>

#include "batch/batch.h"
#include "text/buffer.h"

struct history_wanted {
    const struct batch *batch; /* knows the history, and its last batch */
    const char *site;
    const char *dirdata; /* the folder of the history of the configuration */
    const char *config;  /* awstats_config_history() of the configuration */
    bool ignores_recount;
};

/* Returns whether the history is that of the configuration and has the batch of SITE that the ledger knows as its last
 * one, and no recount is left to be finished.  Reads the beginning of one file, and needs no perl.  The plugin checks
 * the same, and more, before it counts (AWStats::CloudFront::Batch), and says why a history is not right. */
bool history_is_right(const struct history_wanted *wanted);

/* Returns false if NAME, a history as the ledger names it, is not that of the configuration CONFIG in DIRDATA; stores
 * the name of that one in OWN, which is zeroed or empty before.  CONFIG: awstats_config_history(). */
bool history_is_of(const char *name, const char *dirdata, const char *config, struct buffer *own);

/* Checks the file of each period, the newest first: it has the batch that the ledger knows, or a later one.  Returns false
 * with one line in ERROR for the first file that has not.  The plugin's Batch.pm (_check_file) has the same words: an
 * update checks the newest file, and those of the periods that its records are in. */
bool history_check_files(const struct history_wanted *wanted, const struct site *site,
                         struct buffer *error);

/* Waits until no awstats.pl with the plugin, and no recount, uses the history of the configuration in DIRDATA.  CONFIG:
 * awstats_config_history().  Waits at most *WAIT seconds as in lock_take(), and reduces *WAIT by the time that this took.
 * Call this function before you lock the ledger, which the other awstats.pl still needs to commit.  Returns false with
 * ERROR set. */
bool history_wait(const char *dirdata, const char *config, unsigned *wait,
                  struct batch_error *error);

/* Reads the last batch of SITE in the history NAME, FOLDER/awstatsMMYYYY.CONFIG.txt: that of the newest file which has
 * a batch of the site, by its name or one of the FORMER ones, as batch_former() has them.  ID is BATCH_ID_NONE when no
 * file has one.  Returns false with errno set when the history cannot be read. */
bool history_read_last(const char *name, const char *site, const char *former,
                       char id[BATCH_ID_SIZE]);

/* Finds the history of the configuration in DIRDATA, with a file for each month.  CONFIG: awstats_config_history().
 * Stores the path of its newest file in FILE, and the history's name, as ledgers have it, in NAME.  Both are zeroed or
 * empty before.  Returns false when there is no such file. */
bool history_find(const char *dirdata, const char *config, struct buffer *file,
                  struct buffer *name);

#endif
