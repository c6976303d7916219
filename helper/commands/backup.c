/* backup: copies a site's ledger and AWStats history, as of one moment, while updates may run.
 *
 * It copies the ledger in one transaction, then each history file.  An update replaces the history file by
 * file at its end.  So if the history files are the same before and after the copy, they belong to the copied
 * ledger.  If they are not, the copy begins again. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backup/copy.h"
#include "backup/history.h"
#include "backup/manifest.h"
#include "backup/pair.h"
#include "batch/owner.h"
#include "batch/messages.h"
#include "commands/commands.h"
#include "files/folders.h"
#include "ledger/ledger.h"
#include "memory/allocate.h"
#include "text/by_number.h"
#include "text/message.h"

enum { TRIES_MIN = 5 }; /* an update that replaces its files during the copy needs fewer */

/* The result of one try to copy. */
enum try {
    TRY_DONE,
    TRY_CHANGED, /* an update changed the history during the copy */
    TRY_RECOUNT, /* a recount may have replaced some of the files */
    TRY_FAILED
};

/* Makes the folder, which must be new or empty. */
static bool make_folder(const char *folder, struct buffer *error)
{
    bool is_empty = folders_make(folder, 0700) == 0;
    DIR *directory = is_empty ? opendir(folder) : NULL;
    if (!directory) {
        buffer_printf(error, "%s: %s", folder, strerrordesc_np(errno));
        return false;
    }
    for (struct dirent *entry; (entry = readdir(directory));)
        is_empty &= !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
    closedir(directory);
    if (!is_empty)
        buffer_printf(error, "%s: not empty; name a new folder for each backup", folder);
    return is_empty;
}

/* Removes the copies of a try that has failed. */
static void remove_copies(struct manifest *manifest, const char *folder)
{
    struct buffer path = {0};
    buffer_printf(&path, "%s/" MANIFEST_LEDGER, folder);
    unlink(path.data);
    for (size_t i = 0; i < manifest->count; i++) {
        buffer_clear(&path);
        buffer_printf(&path, "%s/%s", folder, manifest->files[i].name);
        unlink(path.data);
    }
    buffer_free(&path);
    manifest_clear(manifest);
}

/* Copies the files of the history.  If a file is gone, the history has changed, and the caller tries again. */
static bool copy_history(struct manifest *manifest, const struct history *history,
                         const char *folder, struct buffer *error)
{
    struct buffer from = {0}, to = {0};
    bool done = true;
    for (size_t i = 0; done && i < history->count; i++) {
        const struct history_file *found = &history->files[i];
        struct manifest_file *file = manifest_add(manifest, found->name);
        file->mode = found->status.st_mode & 0666;
        buffer_clear(&from);
        buffer_clear(&to);
        buffer_printf(&from, "%s/%s", manifest->history, found->name);
        buffer_printf(&to, "%s/%s", folder, found->name);
        done = copy_file(from.data, to.data, file, error);
    }
    buffer_free(&from);
    buffer_free(&to);
    return done;
}

/* Copies the file with the request IDs of the batch ID.  If the file is gone, an update has replaced it, unless
 * the ledger still has the same ID. */
static bool copy_request_ids(struct manifest *manifest, const char *path, const char *id,
                             const char *folder, struct buffer *error)
{
    struct buffer from = {0}, to = {0}, name = {0};
    bool done = true;
    if (*id) {
        buffer_printf(&name, MANIFEST_REQUEST_IDS "%s", id);
        buffer_printf(&from, "%s.%s", path, name.data);
        buffer_printf(&to, "%s/%s", folder, name.data);
        struct manifest_file *file = manifest_add(manifest, name.data);
        file->mode = 0600;
        done = copy_file(from.data, to.data, file, error);
    }
    buffer_free(&from);
    buffer_free(&to);
    buffer_free(&name);
    return done;
}

/* Tries to copy once.  Sets the error for TRY_FAILED and TRY_RECOUNT. */
static enum try try_to_copy(struct ledger *ledger, const char *ledger_path,
                            struct manifest *manifest, const char *folder,
                            struct batch_error *error)
{
    char id[BATCH_ID_SIZE], id_after[BATCH_ID_SIZE];
    struct history before = {0}, after = {0};
    struct buffer path = {0}, copy_error = {0};
    buffer_printf(&path, "%s/" MANIFEST_LEDGER, folder);
    enum try result = TRY_FAILED;
    if (!backup_find_history(&before, manifest->history, manifest->site, &error->text))
        goto out;
    if (before.recount) {
        batch_error_set(
            error, BATCH_HELD,
            "%s: a recount is replacing AWStats history files from this folder, or was "
            "interrupted; if no recount runs, run the AWStats update, which finishes it",
            before.recount);
        result = TRY_RECOUNT;
        goto out;
    }
    if (!ledger_get_request_ids(ledger, id) || !ledger_copy(ledger, path.data))
        goto out;
    bool is_copied = copy_history(manifest, &before, folder, &copy_error) &&
                     copy_request_ids(manifest, ledger_path, id, folder, &copy_error);
    if (!backup_find_history(&after, manifest->history, manifest->site, &error->text) ||
        !ledger_get_request_ids(ledger, id_after))
        goto out;
    manifest->ledger.mode = 0600;
    if (!backup_is_same_history(&before, &after) || strcmp(id, id_after))
        result = TRY_CHANGED;
    else if (!is_copied)
        buffer_add_text(&error->text, copy_error.data);
    else if (pair_fits(path.data, manifest->site, &before, &error->text) &&
             copy_digest(path.data, &manifest->ledger, &error->text))
        result = TRY_DONE;
out:
    backup_free_history(&before);
    backup_free_history(&after);
    buffer_free(&path);
    buffer_free(&copy_error);
    return result;
}

static bool copy_all(struct ledger *ledger, const char *path, struct manifest *manifest,
                     const struct options *options, struct batch_error *error)
{
    unsigned tries = options->wait > TRIES_MIN ? options->wait : TRIES_MIN;
    for (;; tries--) {
        enum try result = try_to_copy(ledger, path, manifest, options->to, error);
        if (result == TRY_DONE && manifest_write(manifest, options->to, &error->text))
            return true;
        remove_copies(manifest, options->to);
        if (result != TRY_CHANGED && (result != TRY_RECOUNT || tries <= 1 || !options->wait))
            return false;
        if (result == TRY_RECOUNT) {
            buffer_clear(&error->text);
            error->reason = BATCH_ERROR;
        } else if (tries <= 1)
            return batch_error_set(error, BATCH_HELD,
                                   "%s: no backup was made, because an AWStats update changed "
                                   "history files while they were copied",
                                   manifest->history);
        sleep(1);
    }
}

/* Returns the folder of the history, from --dirdata or from the ledger; the caller frees the text.  NULL after
 * an error. */
static char *find_folder(struct ledger *ledger, const struct options *options,
                         struct batch_error *error)
{
    char *history, *folder = NULL;
    if (options->dirdata)
        return memory_copy_text(options->dirdata);
    if (!ledger_get_history(ledger, &history))
        return NULL;
    if (history && *history == '/')
        folder = folders_above(history);
    else
        batch_error_set(
            error, BATCH_ERROR,
            "[%s]: the folder of the AWStats history is not known before the first update with the "
            "plugin; name it (DirData in awstats.NAME.conf) with --dirdata DIR",
            options->site.name);
    free(history);
    return folder;
}

int command_backup(const struct options *options)
{
    if (!options->to) {
        message_error("backup: needs --to DIR; see awstats-cloudfront backup --help");
        return EXIT_USAGE;
    }
    const struct site *site = &options->site;
    struct batch_error error = {0};
    struct ledger *ledger = NULL;
    struct manifest manifest = {.site = memory_copy_text(site->name),
                                .ledger.name = memory_copy_text(MANIFEST_LEDGER)};
    char *path = site_state_path(site);
    int opened = ledger_open_without_lock(&ledger, path, LEDGER_WAIT, &error.text);
    bool done = opened > 0 && owner_is(ledger, site, path, &error) &&
                (manifest.history = find_folder(ledger, options, &error)) &&
                make_folder(options->to, &error.text) &&
                copy_all(ledger, path, &manifest, options, &error);
    if (opened == 0)
        batch_error_set(
            &error, BATCH_ERROR,
            "the ledger file %s does not exist, so nothing is counted yet and there is nothing to "
            "copy; run the AWStats update first, or correct the setting \"state\"",
            path);
    if (done)
        message_note("%s: this backup of [%s] is complete: the ledger (what is counted so far) and "
                     "%zu other %s",
                     options->to, site->name, manifest.count,
                     by_number(manifest.count, "file", "files"));
    ledger_close(ledger);
    manifest_free(&manifest);
    free(path);
    if (!done)
        return print_batch_error(site, &error);
    batch_error_free(&error);
    return EXIT_DONE;
}
