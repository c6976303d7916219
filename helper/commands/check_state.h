/* check: the ledger of a site. */
#ifndef COMMANDS_CHECK_STATE_H
#define COMMANDS_CHECK_STATE_H

#include "commands/check_step.h"
#include "ledger/ledger.h"

/* Returns a text of the site's ledger, by ledger_get_history() or a function like this; NULL: the ledger has none, or
 * cannot be read.  The caller frees the text. */
char *check_read_ledger(const struct site *site, bool (*get)(struct ledger *ledger, char **text));

/* Tries the site's ledger, or the folder where the ledger will be made, and names a batch that
 * waits for its commit too long. */
void check_state(struct check *check, const struct site *site);

#endif
