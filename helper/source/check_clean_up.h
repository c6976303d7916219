/* Tries the requests of a clean-up without harm, so that `check` finds a missing permission before
 * the first commit.
 *
 * Deleting: DeleteObjects names an object with the program's own name, which does not exist, and an
 * ETag that no object has.  Moving: the check makes an object of this name at the target, reads its
 * headers, copies it there to a second name, once more to the same one on the condition that there is
 * none, and deletes both.  It also looks at a name that does not exist.  In a folder, the check makes a hidden file, moves it as far towards the
 * target as there are folders, and deletes it. */
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
