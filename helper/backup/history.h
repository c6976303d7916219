/* The files of an AWStats history that belong to a site: awstatsMMYYYY.CONFIGURATION.txt, with DD and
 * HH behind MMYYYY for days and hours.  The plugin writes into each file which batches of which sites it has
 * counted, so the name of the site leads to the configuration. */
#ifndef BACKUP_HISTORY_H
#define BACKUP_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "ledger/ledger.h"
#include "text/buffer.h"

struct history_file {
    char *name;
    struct stat status;
};

/* Zeroed at birth. */
struct history {
    struct history_file *files; /* by name */
    size_t count, capacity;
    char **suffixes; /* ".CONFIGURATION", or "", of the configurations */
    size_t suffix_count, suffix_capacity;
    char last_batch[BATCH_ID_SIZE]; /* of the site, in the newest file that has one; "": none */
    char *recount; /* a folder of new files that a recount has not put in place yet; NULL: none */
};

/* Whether NAME is that of a history file. */
bool backup_is_history_name(const char *name);

/* Finds the files in FOLDER of all configurations that have counted batches of SITE, and of those in
 * HISTORY already.  Returns false after adding to ERROR. */
bool backup_find_history(struct history *history, const char *folder, const char *site,
                         struct buffer *error);

/* Adds the configuration to which NAME, a history file, belongs, unless it is there already. */
void backup_add_suffix(struct history *history, const char *name);

/* Whether two searches found the same files, none of them written in between. */
bool backup_is_same_history(const struct history *before, const struct history *after);

void backup_free_history(struct history *history); /* back to zero */

#endif
