#include "commands/check_clean_up.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/site_file.h"
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

/* Whether both sites may read the same objects.  Sites that choose objects by include or exclude probably choose
 * different ones. */
static bool share_objects(const struct site *site, const struct site *other)
{
    bool chooses = site->include || site->exclude || other->include || other->exclude;
    const char *endpoint = site->endpoint ? site->endpoint : "";
    return other->source && !chooses && site_overlaps(site, other) &&
           !strcmp(endpoint, other->endpoint ? other->endpoint : "");
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
