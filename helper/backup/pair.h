/* Whether a ledger and a history belong together, as the plugin checks it before it counts. */
#ifndef BACKUP_PAIR_H
#define BACKUP_PAIR_H

#include <stdbool.h>

#include "backup/history.h"

/* Whether the ledger at PATH, which nobody else uses, belongs to SITE, and the last batch in the
 * history is the one that the ledger expects: the last one committed, or the open one.  Returns
 * false after adding to ERROR. */
bool pair_fits(const char *path, const char *site, const struct history *history,
               struct buffer *error);

#endif
