/* check: the ledger of a site. */
#ifndef COMMANDS_CHECK_STATE_H
#define COMMANDS_CHECK_STATE_H

#include "commands/check_step.h"

/* Returns where earlier runs of the site found its buckets, as its next run will use it; NULL: that is not known.  The
 * caller frees the text. */
char *check_known_regions(const struct site *site);

/* Tries the site's ledger, or the folder where the ledger will be made, and names a batch that
 * waits for its commit too long. */
void check_state(struct check *check, const struct site *site);

#endif
