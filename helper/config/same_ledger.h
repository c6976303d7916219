/* Tells which sites have one ledger. */
#ifndef CONFIG_SAME_LEDGER_H
#define CONFIG_SAME_LEDGER_H

#include <stdbool.h>

#include "config/site.h"

/* Whether two sites with different names have one ledger, which need not exist yet; false for a site and itself.  Each
 * site of a configuration is compared with all others, so the disk is asked only if the names of the files are equal. */
bool same_ledger(const struct site *a, const struct site *b);

/* Returns the path of a site's ledger, without links.  The caller frees the text. */
char *same_ledger_path(const struct site *site);

#endif
