/* Tries the requests of a clean-up without harm, so that `check` finds a missing permission before the first
 * commit.
 *
 * Deleting: DeleteObjects names an object of the program's own name, which does not exist, with an
 * ETag that no object has.  Moving: an object of this name is made at the target, looked at, and
 * deleted again. */
#ifndef SOURCE_CHECK_CLEAN_UP_H
#define SOURCE_CHECK_CLEAN_UP_H

#include <stdbool.h>

#include "config/site.h"

/* Takes one result, a line of text. */
typedef void clean_up_result(void *user, bool ok, const char *text);

/* Tries the clean-up of the site's SOURCE, a bucket, as its setting `after` says. */
void bucket_check_clean_up(const char *source, const struct site *site, clean_up_result *tell,
                           void *user);

#endif
