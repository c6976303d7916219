/* Whose ledger it is: a site's, and of one source, so that two sections of the configuration do not
 * share a file, and a source that goes by another name is still the same.
 *
 * An object is known by its name within the source.  When a source has moved, its objects are the
 * ones that were counted as long as they kept these names: another bucket with the same keys,
 * another prefix or directory with the same names below it.  Where the old source and the new one
 * contain each other, names stay what they are. */
#ifndef BATCH_OWNER_H
#define BATCH_OWNER_H

#include <stdbool.h>

#include "config/site.h"
#include "ledger/ledger.h"

/* Whether the ledger at PATH is the site's, or nobody's yet.  False after printing one line. */
bool owner_is(struct ledger *ledger, const struct site *site, const char *path);

/* Gives the ledger to the site: its name, and what its source is now.  *SOURCE (free it) is that
 * source without what makes two spellings of one: a directory by its real path.  False after
 * printing one line: the source is another one, and OPEN, the batch under way unless that is NULL,
 * is of the old one; or nothing tells which of its objects were counted. */
bool owner_take(struct ledger *ledger, const struct site *site, const struct ledger_batch *open,
                char **source);

/* Gives the ledger to the site, whosever it was; a source of another kind will be taken for new. */
bool owner_replace(struct ledger *ledger, const struct site *site);

#endif
