/* Tells whether a source is empty because the setting after has deleted or moved the counted objects. */
#ifndef COMMANDS_CHECK_COUNTED_H
#define COMMANDS_CHECK_COUNTED_H

#include <stdbool.h>

#include "config/site.h"

/* Whether the site deletes or moves what it has counted, and its ledger has counted objects of its source
 * URI. */
bool check_may_be_empty(const struct site *site, const char *uri);

/* The same for a source that is the file PATH: whether its ledger has counted this file. */
bool check_may_be_missing(const struct site *site, const char *path);

/* Returns what was done with these objects. */
const char *check_after_done(const struct site *site);

#endif
