/* Runs an update that root has started as the user who owns the ledger, so that this user can open all files. */
#ifndef UPDATE_OWNER_H
#define UPDATE_OWNER_H

#include <stdbool.h>

#include <sys/types.h>

#include "config/site.h"
#include "text/buffer.h"

/* Returns the user whom owner_become() makes this process one of, when the ledger or its folder tells; else the user of
 * this process. */
uid_t owner_find(const struct site *site);

/* Makes this process one of the user who owns the folder of the site's ledger, or DIRDATA when root owns
 * that, as if that user's cron had started it.  Does nothing for another user than root.  Returns
 * false, with one line in ERROR, when the user cannot be switched. */
bool owner_become(const struct site *site, const char *dirdata, struct buffer *error);

/* Whether the user may make files in the folder.  A process of the user tests this, so that groups and access control
 * lists count.  Only root can start such a process for another user; else the permissions of the folder for its owner
 * and for all users decide. */
bool owner_may_write(uid_t user, const char *folder);

#endif
