/* Tries the requests of a clean-up without harm, so that `check` finds a missing permission before
 * the first commit.
 *
 * Deleting: DeleteObjects names an object with the program's own name, which does not exist, and an
 * ETag that no object has.
 *
 * Moving in a bucket: the check makes an object of this name at the target and reads its headers.  The
 * check copies the object to a second name, twice, on the condition that no object has this name: a
 * store that knows the condition refuses the second copy.  The check looks at a name that no object
 * has, and deletes what it has made.
 *
 * Moving in a folder: the check makes a hidden file, moves it as far towards the target as there are
 * folders, and deletes it. */
#ifndef SOURCE_CHECK_CLEAN_UP_H
#define SOURCE_CHECK_CLEAN_UP_H

#include <stdbool.h>

#include "config/site.h"

/* Whether the clean-up can work. */
enum clean_up_verdict {
    CLEAN_UP_FAILS,
    CLEAN_UP_IS_UNSAFE, /* it works, and may replace an object that another program makes meanwhile */
    CLEAN_UP_WORKS
};

/* Takes one result: TEXT is a line. */
typedef void clean_up_result(void *user, enum clean_up_verdict verdict, const char *text);

/* Tries the clean-up of the site's SOURCE, a bucket, as its setting `after` says. */
void bucket_check_clean_up(const char *source, const struct site *site, clean_up_result *tell,
                           void *user);

/* Tries to move a file from FOLDER, which holds files of the site's SOURCE, a directory or a file, to
 * the target of this source. */
void path_check_move(const char *folder, const char *source, const struct site *site,
                     clean_up_result *tell, void *user);

#endif
