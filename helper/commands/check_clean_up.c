#include "commands/check_clean_up.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/site_file.h"
#include "files/folders.h"
#include "memory/allocate.h"
#include "s3/endpoint.h"
#include "source/check_clean_up.h"

static void print_result(void *user, enum clean_up_verdict verdict, const char *text)
{
    if (verdict == CLEAN_UP_IS_UNSAFE)
        check_warn("clean-up", "%s", text);
    else
        check_step(user, verdict == CLEAN_UP_WORKS, "clean-up", "%s", text);
}

/* Checks the folder of SOURCE, and the target if its files are moved. */
static void check_path(struct check *check, const char *source, const struct site *site)
{
    struct stat status;
    if (stat(source, &status) < 0 || (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)))
        return; /* the step "source" reports a missing source */
    char *folder = S_ISDIR(status.st_mode) ? memory_copy_text(source) : folders_above(source);
    const char *done = site->after == SITE_AFTER_MOVE ? "moved" : "deleted";
    if (access(folder, W_OK | X_OK) < 0)
        check_step(check, false, "clean-up",
                   "counted files cannot be %s: %s: %s; give this user write permission for this "
                   "folder, or set after = keep",
                   done, folder, strerror(errno));
    else if (site->after == SITE_AFTER_MOVE)
        path_check_move(folder, source, site, print_result, check);
    else
        check_step(check, true, "clean-up",
                   "counted files can be deleted: this user may write to the folder %s", folder);
    free(folder);
}

void check_clean_up(struct check *check, const char *uri, const struct site *site)
{
    if (site->after == SITE_AFTER_KEEP)
        return;
    if (site_kind(uri) == SITE_BUCKET)
        bucket_check_clean_up(uri, site, print_result, check);
    else
        check_path(check, uri, site);
}

/* Whether both sites may read the same objects.  Sites that choose objects by include or exclude probably choose
 * different ones. */
static bool share_objects(const struct site *site, const struct site *other)
{
    bool chooses = site->include || site->exclude || other->include || other->exclude;
    return other->source && !chooses && site_overlaps(site, other) &&
           s3_endpoint_is_same(site->endpoint, other->endpoint);
}

void check_clean_up_of_others(const struct site *site, const char *config)
{
    struct buffer error = {0};
    char **names = site_file_names(config, &error);
    for (char **name = names; name && *name; name++) {
        struct site other = {0};
        if (strcmp(*name, site->name) != 0)
            site_file_read_correct(&other, config, (const char *const *)name, 1);
        const struct site *cleaning = site->after != SITE_AFTER_KEEP ? site : &other;
        if (cleaning->after != SITE_AFTER_KEEP && share_objects(site, &other))
            check_warn("clean-up",
                       "the sites [%s] and [%s] read the same objects, and after = %s of [%s] also "
                       "takes away those that the other site has not counted; set after = keep "
                       "there, or give each site objects of its own by the setting \"include\"",
                       site->name, *name, cleaning->after == SITE_AFTER_MOVE ? "move" : "delete",
                       cleaning->name);
        site_free(&other);
    }
    site_file_free_names(names);
    buffer_free(&error);
}
