/* Updates by root leave no files that the user who owns the ledger cannot open. */
#ifndef UPDATE_OWNER_H
#define UPDATE_OWNER_H

#include <stdbool.h>

#include "config/site.h"
#include "text/buffer.h"

/* Makes this process one of the user who owns the folder of the site's ledger, or DIRDATA when root owns
 * that, as if that user's cron had started it.  Does nothing for another user than root.  Returns
 * false, with one line in ERROR, when the user cannot be switched. */
bool owner_become(const struct site *site, const char *dirdata, struct buffer *error);

#endif
