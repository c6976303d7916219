#include "commands/check_clean_up.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/check_clean_up.h"

static void print_result(void *user, bool ok, const char *text)
{
    check_step(user, ok, "clean-up", "%s", text);
}

static void check_folder(struct check *check, const char *path)
{
    struct stat status;
    if (stat(path, &status) < 0 || !S_ISDIR(status.st_mode))
        return; /* the step "source" reports a missing source */
    if (access(path, W_OK | X_OK) == 0)
        check_step(check, true, "clean-up",
                   "counted files can be moved or deleted: this user may write to the folder %s",
                   path);
    else
        check_step(check, false, "clean-up",
                   "counted files cannot be moved or deleted: %s: %s; give this user write "
                   "permission for this folder, or set after = keep",
                   path, strerror(errno));
}

void check_clean_up(struct check *check, const char *uri, const struct site *site)
{
    if (site->after == SITE_AFTER_KEEP)
        return;
    if (site_kind(uri) == SITE_BUCKET)
        bucket_check_clean_up(uri, site, print_result, check);
    else
        check_folder(check, uri);
}
