#include "setup/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "awstats/config.h"
#include "config/site.h"
#include "files/folders.h"
#include "memory/allocate.h"

#define AWSTATS_HISTORY "/var/lib/awstats"
#define OWN_USER        "awstats-cloudfront"
#define DEBIAN_USER     "www-data" /* the user of web servers and AWStats in Debian */

char *place_absolute(const char *path)
{
    struct buffer full = {0};
    if (*path != '/') {
        char *folder = getcwd(NULL, 0);
        buffer_printf(&full, "%s/", folder && strcmp(folder, "/") ? folder : "");
        free(folder);
    }
    buffer_add_text(&full, path);
    while (full.size > 1 && full.data[full.size - 1] == '/')
        full.data[--full.size] = '\0';
    return full.data;
}

/* Returns PATH if it exists, or the nearest folder above that does; the caller frees the text. */
static char *nearest(const char *path, struct stat *status)
{
    char *folder = memory_copy_text(path);
    while (stat(folder, status) < 0 && strcmp(folder, "/")) {
        char *above = folders_above(folder);
        free(folder);
        folder = above;
    }
    return folder;
}

/* Returns the owner of PATH, or of the folder where it would be made. */
static uid_t owner_of(const char *path)
{
    struct stat status = {.st_uid = 0};
    free(nearest(path, &status));
    return status.st_uid;
}

/* Decides which user runs the updates. */
static bool decide_account(struct place *place, struct buffer *error)
{
    struct account *account = &place->account;
    uid_t owner = geteuid() == 0 ? owner_of(place->history) : geteuid();
    account_of(account, owner);
    if (owner != 0 || place->is_own || access(place->history, F_OK) == 0)
        return true;
    if (account_named(account, OWN_USER) || account_named(account, DEBIAN_USER))
        return true;
    buffer_add_text(error, "no user to run the updates was found, neither " OWN_USER
                           " nor " DEBIAN_USER ", and there is no " AWSTATS_HISTORY
                           "; run \"useradd --system " OWN_USER "\", and then this command again");
    return false;
}

/* Returns the folder for the history if no option names one. */
static char *default_history(const struct place *place, const char *name)
{
    struct account account;
    struct stat status;
    struct buffer own = {0};
    if (place->is_own)
        buffer_printf(&own, "%s/%s", place->folder, name);
    else if (stat(AWSTATS_HISTORY, &status) == 0 && S_ISDIR(status.st_mode) &&
             (status.st_uid != 0 || geteuid() != 0 || !account_named(&account, OWN_USER)))
        buffer_add_text(&own, AWSTATS_HISTORY);
    else
        buffer_printf(&own, "%s/%s", SITE_STATE_FOLDER, name);
    return own.data;
}

bool place_decide(struct place *place, const struct place_given *given, struct buffer *error)
{
    struct buffer report = {0}, ledger = {0};
    *place = (struct place){.config = place_absolute(given->config)};
    place->is_own = strcmp(place->config, SITE_CONFIG_DEFAULT) != 0;
    if (given->report_folder)
        place->folder = place_absolute(given->report_folder);
    else if (place->is_own)
        place->folder = folders_above(place->config);
    else
        place->folder = memory_copy_text(awstats_config_new_directory());
    buffer_printf(&report, "%s/awstats.%s.conf", place->folder, given->name);
    place->report = report.data;
    if (place->is_own)
        buffer_printf(&ledger, "%s/%s.db", place->folder, given->name);
    else
        buffer_printf(&ledger, "%s/%s.db", SITE_STATE_FOLDER, given->name);
    place->ledger = given->ledger ? memory_copy_text(given->ledger) : memory_copy_text(ledger.data);
    buffer_free(&ledger);
    place->history =
        given->history ? place_absolute(given->history) : default_history(place, given->name);
    place->pages = given->pages ? place_absolute(given->pages) : NULL;
    return decide_account(place, error);
}

bool place_set_history(struct place *place, const char *history, struct buffer *error)
{
    free(place->history);
    place->history = place_absolute(history);
    return decide_account(place, error);
}

/* Adds the folder PATH, behind missing folders above it, unless it exists or is in the list. */
static void add_missing(struct buffer *out, const char *path)
{
    struct buffer line = {0};
    if (access(path, F_OK) == 0)
        return;
    char *above = folders_above(path);
    add_missing(out, above);
    free(above);
    buffer_printf(&line, "%s\n", path);
    const char *found = out->size ? strstr(out->data, line.data) : NULL;
    if (!found || (found != out->data && found[-1] != '\n'))
        buffer_add(out, line.data, line.size);
    buffer_free(&line);
}

void place_add_missing(const struct place *place, struct buffer *out)
{
    char *config_folder = folders_above(place->config),
         *ledger_folder = folders_above(place->ledger);
    add_missing(out, config_folder);
    add_missing(out, place->folder);
    add_missing(out, ledger_folder);
    add_missing(out, place->history);
    if (place->pages)
        add_missing(out, place->pages);
    free(config_folder);
    free(ledger_folder);
}

/* Returns whether this user may make PATH, or write into it. */
static bool can_make(const char *path)
{
    struct stat status;
    char *folder = nearest(path, &status);
    bool can = S_ISDIR(status.st_mode) && access(folder, W_OK | X_OK) == 0;
    free(folder);
    return can;
}

bool place_is_writable(const struct place *place, struct buffer *error)
{
    char *config_folder = folders_above(place->config),
         *ledger_folder = folders_above(place->ledger);
    const char *const folders[] = {config_folder, place->folder, ledger_folder, place->history,
                                   place->pages ? place->pages : place->history};
    bool can = true;
    for (size_t i = 0; can && i < sizeof folders / sizeof *folders; i++)
        if (!(can = can_make(folders[i]))) {
            buffer_printf(error, "this user may not make files in %s; ", folders[i]);
            if (geteuid() == 0)
                buffer_add_text(error, "name another folder, by --config, --state or --dirdata");
            else
                buffer_add_text(error, "run the command with sudo, or, for a set-up of your own, "
                                       "with --config FILE in a folder of yours");
        }
    free(config_folder);
    free(ledger_folder);
    return can;
}

int place_lock(const struct place *place, bool *is_locked, struct buffer *error)
{
    char *folder = folders_above(place->config);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *is_locked = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    if (*is_locked)
        buffer_printf(error,
                      "another setup is at work in %s; run the command again once it has "
                      "ended",
                      folder);
    else if (fd < 0)
        buffer_printf(error, "%s: %s", folder, strerrordesc_np(errno));
    if (*is_locked) {
        close(fd);
        fd = -1;
    }
    free(folder);
    return fd;
}

void place_free(struct place *place)
{
    free(place->config);
    free(place->folder);
    free(place->report);
    free(place->ledger);
    free(place->history);
    free(place->pages);
    account_free(&place->account);
    *place = (struct place){0};
}
