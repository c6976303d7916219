/* restore: replaces a site's ledger and AWStats history by a backup, or finishes a restore that was
 * interrupted. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "awstats/history.h"
#include "backup/history.h"
#include "backup/manifest.h"
#include "backup/replace.h"
#include "backup/restore.h"
#include "batch/messages.h"
#include "batch/planned.h"
#include "commands/commands.h"
#include "ledger/ledger.h"
#include "ledger/lock.h"
#include "memory/allocate.h"
#include "text/by_number.h"
#include "text/message.h"

/* The locks of the ledger and of each AWStats configuration. */
struct locks {
    int *fds;
    size_t count, capacity;
};

static bool keep_lock(struct locks *locks, enum lock_result result, int fd,
                      struct batch_error *error)
{
    if (result == LOCK_TAKEN_BY_OTHER)
        error->reason = BATCH_HELD;
    if (result != LOCK_HELD)
        return false;
    locks->fds = array_grow(locks->fds, locks->count, &locks->capacity, sizeof *locks->fds);
    locks->fds[locks->count++] = fd;
    return true;
}

/* Takes the locks of the history, as the plugin does in an update.  The caller has the
 * ledger's lock already. */
static bool lock_all(struct locks *locks, const struct manifest *manifest, const char *history,
                     unsigned wait, struct batch_error *error)
{
    struct history configurations = {0};
    bool done = true;
    for (size_t i = 0; i < manifest->count; i++)
        backup_add_suffix(&configurations, manifest->files[i].name);
    for (size_t i = 0; done && i < configurations.suffix_count; i++) {
        const char *suffix = configurations.suffixes[i];
        char *path = awstats_history_lock(history, *suffix ? suffix + 1 : suffix);
        int fd = -1;
        enum lock_result result =
            lock_take_file(&fd, path, AWSTATS_HISTORY_LOCKED, wait, &error->text);
        done = keep_lock(locks, result, fd, error);
        free(path);
    }
    backup_free_history(&configurations);
    return done;
}

static void unlock_all(struct locks *locks)
{
    for (size_t i = 0; i < locks->count; i++)
        close(locks->fds[i]);
    free(locks->fds);
}

/* Returns how many objects the ledger at PATH has counted; 0 when it cannot be read. */
static uint64_t count_objects(const char *path)
{
    struct ledger *ledger = NULL;
    struct ledger_status status = {0};
    struct buffer error = {0};
    if (ledger_open(&ledger, path, false, &error) > 0 && !ledger_get_status(ledger, &status))
        status.objects = 0;
    ledger_status_free(&status);
    ledger_close(ledger);
    buffer_free(&error);
    return status.objects;
}

/* Warns of LOGS that were counted after the backup, and then removed from the source by the setting "after".  KEPT is
 * the end of the former files' names. */
static void warn_of_removed(const struct site *site, uint64_t logs, const char *kept)
{
    const char *are = by_number(logs, "log was", "logs were");
    if (site->after == SITE_AFTER_MOVE)
        message_warning("[%s]: %" PRIu64 " %s counted after this backup, and moved to %s; move "
                        "them back to %s, then the next update counts them again",
                        site->name, logs, are, site->after_to, site->source);
    else if (site->after == SITE_AFTER_DELETE)
        message_warning("[%s]: %" PRIu64 " %s counted after this backup, and deleted (the setting "
                        "after), so no update can count them again; only the former files, with "
                        "%s at the end of their names, have these records",
                        site->name, logs, are, kept);
}

/* Stores an error if the folder of the AWStats history does not exist, as on a new machine. */
static bool check_folder(const char *history, struct batch_error *error)
{
    return access(history, F_OK) == 0 || errno != ENOENT ||
           batch_error_set(error, BATCH_ERROR,
                           "%s: this folder of the AWStats history, which the backup names or "
                           "--dirdata gives, does not exist; make it for the user who runs the "
                           "updates, or name the DirData of this machine with --dirdata",
                           history);
}

static bool restore(const struct options *options, const char *path, struct locks *locks,
                    struct batch_error *error)
{
    struct manifest manifest = {0};
    char *kept = NULL;
    bool done = manifest_read(&manifest, options->from, &error->text);
    const char *history = options->dirdata ? options->dirdata : manifest.history;
    if (done && strcmp(manifest.site, options->site.name))
        done = batch_error_set(error, BATCH_ERROR,
                               "%s: the backup is of another site, [%s]; name that site with "
                               "--site, or another backup with --from",
                               options->from, manifest.site);
    uint64_t before = 0;
    done = done && check_folder(history, error) &&
           lock_all(locks, &manifest, history, options->wait, error);
    if (done && options->site.after != SITE_AFTER_KEEP)
        before = count_objects(path);
    done = done && restore_files(&manifest, options->from, path, history, &kept, &error->text);
    if (done)
        message_note("[%s]: the ledger file %s and %zu other %s, in %s, are restored%s%s%s",
                     options->site.name, path, manifest.count,
                     by_number(manifest.count, "file", "files"), history,
                     kept ? "; the former files are still there, with " : "", kept ? kept : "",
                     kept ? " at the end of their names; remove these when all is well" : "");
    uint64_t after = done && before ? count_objects(path) : before;
    if (before > after)
        warn_of_removed(&options->site, before - after, kept);
    manifest_free(&manifest);
    free(kept);
    return done;
}

int command_restore(const struct options *options)
{
    struct batch_error error = {0};
    struct locks locks = {0};
    int fd = -1, finished = -1;
    char *path = site_state_path(&options->site);
    enum lock_result result = lock_take(&fd, path, options->wait, &error.text);
    bool done = keep_lock(&locks, result, fd, &error) &&
                (finished = replacement_finish(path, &error.text)) >= 0;
    if (done && finished)
        message_note("[%s]: the restore that was interrupted is finished", options->site.name);
    if (done && options->from)
        done = planned_check_none(&options->site, path, &error) &&
               restore(options, path, &locks, &error);
    else if (done && !finished)
        done = batch_error_set(&error, BATCH_ERROR,
                               "[%s]: no restore was interrupted; name a backup with --from DIR",
                               options->site.name);
    unlock_all(&locks);
    free(path);
    if (!done)
        return print_batch_error(&options->site, &error);
    batch_error_free(&error);
    return EXIT_DONE;
}
