#include "backup/restore.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/copy.h"
#include "backup/history.h"
#include "backup/pair.h"
#include "backup/replace.h"
#include "files/folders.h"
#include "ledger/ledger.h"
#include "memory/allocate.h"
#include "text/file_error.h"
#include "text/replaced_name.h"

#define STAGED ".restored-new"

/* Returns the path FOLDER/NAME, or FOLDER alone when NAME is empty, with END behind it; the caller
 * frees the text. */
static char *join(const char *folder, const char *name, const char *end)
{
    struct buffer path = {0};
    buffer_printf(&path, "%s%s%s%s", folder, *name ? "/" : "", name, end);
    return path.data;
}

/* Removes the staged copy of a file, and what SQLite keeps beside that of a ledger. */
static void unlink_staged(const char *target)
{
    static const char *const ends[] = {STAGED, STAGED "-wal", STAGED "-shm"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char *staged = join(target, "", ends[i]);
        unlink(staged);
        free(staged);
    }
}

/* Copies FROM beside TO, and compares its digest with the manifest's. */
static bool stage(const char *from, const char *to, const struct manifest_file *wanted,
                  struct buffer *error)
{
    struct manifest_file got = {.mode = wanted->mode};
    char *staged = join(to, "", STAGED);
    unlink_staged(to); /* an interrupted run may have left the file */
    bool done = copy_file(from, staged, &got, error);
    if (done && (got.size != wanted->size || strcmp(got.digest, wanted->digest))) {
        buffer_printf(error,
                      "%s: not the file that was backed up (its checksum differs); restore another "
                      "backup",
                      from);
        done = false;
    }
    free(staged);
    return done;
}

/* Returns where a file of the backup belongs; the caller frees the text. */
static char *find_target(const struct manifest_file *file, const char *path, const char *history)
{
    struct buffer target = {0};
    if (manifest_is_request_ids(file->name))
        buffer_printf(&target, "%s.%s", path, file->name);
    else
        buffer_printf(&target, "%s/%s", history, file->name);
    return target.data;
}

static bool stage_all(const struct manifest *manifest, const char *folder, const char *path,
                      const char *history, struct buffer *error)
{
    char *from = join(folder, MANIFEST_LEDGER, "");
    bool done = stage(from, path, &manifest->ledger, error);
    free(from);
    for (size_t i = 0; done && i < manifest->count; i++) {
        const struct manifest_file *file = &manifest->files[i];
        from = join(folder, file->name, "");
        char *to = find_target(file, path, history);
        done = stage(from, to, file, error);
        /* The staged files' names must be on the disk before the list of renames is. */
        if (done && folders_sync_above(to) < 0) {
            buffer_printf(error, "%s: %s", history, strerrordesc_np(errno));
            done = false;
        }
        free(from);
        free(to);
    }
    return done;
}

static void remove_staged(const struct manifest *manifest, const char *path, const char *history)
{
    unlink_staged(path);
    for (size_t i = 0; i < manifest->count; i++) {
        char *target = find_target(&manifest->files[i], path, history);
        unlink_staged(target);
        free(target);
    }
}

/* Adds the rename of FILE END to FILE END_AFTER (two suffixes) to the list. */
static void add(struct replacement *replacement, const char *file, const char *end,
                const char *end_after)
{
    char *from = join(file, "", end), *to = join(file, "", end_after);
    replacement_add(replacement, from, to);
    free(from);
    free(to);
}

/* Lists the renames of the old files with request IDs: KEPT goes between the ledger's name and their endings. */
static void list_request_ids(struct replacement *replacement, const char *path, const char *kept)
{
    char *folder = folders_above(path);
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t size = strlen(name);
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        const char *end = entry->d_name + size;
        if (strncmp(entry->d_name, name, size) || *end != '.' || !manifest_is_request_ids(end + 1))
            continue;
        struct buffer end_kept = {0};
        buffer_printf(&end_kept, "%s%s", kept, end);
        add(replacement, path, end, end_kept.data);
        buffer_free(&end_kept);
    }
    if (directory)
        closedir(directory);
    free(folder);
}

/* Lists the renames: the old ledger goes first, the new one comes last, so no ledger is ever beside the
 * history of another time.  The old ledger keeps its log or journal.  A missing old ledger is not in the list: when
 * another run finishes the list, the new ledger may have this name already. */
static void list_renames(struct replacement *replacement, const struct manifest *manifest,
                         const struct history *old, const char *path, const char *history,
                         const char *kept)
{
    static const char *const ends[] = {"-wal", "-shm", "-journal"};
    struct buffer end_kept = {0};
    if (access(path, F_OK) == 0)
        add(replacement, path, "", kept);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        buffer_clear(&end_kept);
        buffer_printf(&end_kept, "%s%s", kept, ends[i]);
        add(replacement, path, ends[i], end_kept.data);
    }
    buffer_free(&end_kept);
    list_request_ids(replacement, path, kept);
    for (size_t i = 0; i < old->count; i++) {
        char *file = join(history, old->files[i].name, "");
        add(replacement, file, "", kept);
        free(file);
    }
    replacement_end_group(replacement);
    for (size_t i = 0; i < manifest->count; i++) {
        char *file = find_target(&manifest->files[i], path, history);
        add(replacement, file, STAGED, "");
        free(file);
    }
    add(replacement, path, STAGED, "");
}

/* Finds the files to replace: all history files of the configurations that are in the backup or have counted
 * the site. */
static bool find_old(struct history *old, const struct manifest *manifest, const char *history,
                     struct buffer *error)
{
    for (size_t i = 0; i < manifest->count; i++)
        backup_add_suffix(old, manifest->files[i].name);
    if (!backup_find_history(old, history, manifest->site, error))
        return false;
    if (old->recount)
        buffer_printf(error,
                      "%s: a recount was interrupted, and the next AWStats update would replace "
                      "restored files by the files of this folder; run the AWStats update, "
                      "which finishes the recount, or delete this folder; then restore again",
                      old->recount);
    return !old->recount;
}

/* Whether the staged ledger and the backed-up history belong together. */
static bool is_pair(const struct manifest *manifest, const char *folder, const char *path,
                    struct buffer *error)
{
    struct history copied = {0};
    char *staged = join(path, "", STAGED);
    bool is = backup_find_history(&copied, folder, manifest->site, error) &&
              pair_fits(staged, manifest->site, &copied, error);
    backup_free_history(&copied);
    free(staged);
    return is;
}

/* Stores in the staged ledger, if it knows its history and this is in another folder than HISTORY, that the history is
 * there now, as "adopt --history" does.  The renames then put ledger and history in place together. */
static bool move_history(const char *path, const char *history, struct buffer *error)
{
    struct ledger *ledger = NULL;
    struct buffer name = {0};
    char folder[PATH_MAX], *known = NULL;
    char *staged = join(path, "", STAGED), *log = join(path, "", STAGED "-wal");
    bool done =
        ledger_open(&ledger, staged, false, error) > 0 && ledger_get_history(ledger, &known);
    const char *file = known ? strrchr(known, '/') : NULL;
    if (done && file) {
        done = realpath(history, folder);
        if (!done)
            file_error_add_path(error, history, errno);
        buffer_printf(&name, "%s%s", done ? folder : "", file);
        done = done && (!strcmp(name.data, known) || ledger_set_history(ledger, name.data));
    }
    ledger_close(ledger);
    /* SQLite leaves its log where it could not write to the ledger, which is renamed without the log. */
    if (done && access(log, F_OK) == 0) {
        buffer_printf(error, "%s cannot be written to its end; check the disk", staged);
        done = false;
    }
    buffer_free(&name);
    free(known);
    free(log);
    free(staged);
    return done;
}

bool restore_files(const struct manifest *manifest, const char *folder, const char *path,
                   const char *history, char **kept, struct buffer *error)
{
    struct history old = {0};
    struct replacement replacement = {0};
    *kept = replaced_name_end();
    bool has_old = access(path, F_OK) == 0;
    bool done = find_old(&old, manifest, history, error) &&
                stage_all(manifest, folder, path, history, error) &&
                is_pair(manifest, folder, path, error) && move_history(path, history, error);
    if (done) {
        list_renames(&replacement, manifest, &old, path, history, *kept);
        done = replacement_store(&replacement, path, error);
    }
    if (done)
        done = replacement_finish(path, error) == 1;
    else
        remove_staged(manifest, path, history);
    if (!has_old && !old.count) {
        free(*kept);
        *kept = NULL;
    }
    buffer_free(&replacement.list);
    backup_free_history(&old);
    return done;
}
