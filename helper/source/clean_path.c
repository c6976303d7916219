/* Deletes the files of a committed batch, or moves them into another directory.
 *
 * Another program may replace a file at any time, also between a check of the file and its
 * deletion: then a file that was not counted would be lost.  So a file first gets a private name in
 * its own folder, hidden, which no list of the source has and no other program knows:
 *
 *   1. rename NAME to PRIVATE
 *   2. stat PRIVATE: is it the version that was counted?
 *   3. yes: delete it, or give it its name in the target, sync that folder, and take PRIVATE away
 *      no:  rename it back to NAME, unless there is a newer NAME by now; then it gets a name beside
 *           that, and the next run counts both
 *   4. sync the folders, before the ledger forgets the file: else a counted file could be back after
 *      a power failure, and no clean-up would ever delete it
 *
 * PRIVATE follows from NAME.  When the program is killed between two steps, the clean-up of the
 * next run finds PRIVATE, and continues at step 2. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/folders.h"
#include "files/same_file.h"
#include "memory/allocate.h"
#include "source/file_tag.h"
#include "source/path.h"
#include "text/buffer.h"
#include "text/message.h"

enum { BESIDE_MAX = 1000 }; /* names that put_back() tries, NAME.1, NAME.2 ... */

/* Renames a file without replacing another one.  Returns 0, or -1 with errno set. */
static int rename_to_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    /* A filesystem, such as NFS, may have no RENAME_NOREPLACE. */
    if ((errno == EINVAL || errno == ENOSYS) && link(from, to) == 0)
        return unlink(from);
    /* A run that was killed before this unlink(), or a power failure, has left both names. */
    if (errno == EEXIST && same_file_names(from, to))
        return unlink(from);
    return -1;
}

int path_move(const char *from, const char *to)
{
    if (link(from, to) == 0 || (errno == EEXIST && same_file_names(from, to)))
        return folders_sync_above(to) < 0 ? -1 : unlink(from);
    /* A filesystem, such as FAT, may have no second names, or the system may not let this user give
     * one. */
    if (errno != EPERM && errno != EMLINK && errno != EOPNOTSUPP && errno != ENOSYS)
        return -1;
    return rename_to_new(from, to) < 0 ? -1 : folders_sync_above(to);
}

/* Adds the private name of FILE: hidden, in the same folder, and never too long for a name. */
static void add_private(struct buffer *path, const char *file)
{
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
    uint64_t hash = 14695981039346656037u; /* FNV-1a, 64 bits */
    for (const char *p = name; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 1099511628211u;
    buffer_add(path, file, (size_t)(name - file));
    buffer_printf(path, ".awstats-cloudfront-%016llx", (unsigned long long)hash);
}

/* Adds the path to which a file moves: the target, and the path of the file below the source. */
static void add_target(struct buffer *path, const struct site *site, const char *file)
{
    size_t size = strlen(site->source);
    const char *slash = strrchr(file, '/'), *inside = slash ? slash + 1 : file;
    if (!strncmp(file, site->source, size) && file[size] &&
        (file[size] == '/' || site->source[size - 1] == '/'))
        inside = file + size + (file[size] == '/');
    buffer_printf(path, "%s/%s", site->after_to, inside);
}

/* Gives a file that was not counted its name back.  Returns 0, or an errno. */
static int put_back(const char *private, const char *file)
{
    int result = rename_to_new(private, file);
    for (int i = 1; result < 0 && errno == EEXIST && i <= BESIDE_MAX; i++) {
        struct buffer beside = {0};
        buffer_printf(&beside, "%s.%d", file, i);
        result = rename_to_new(private, beside.data);
        int saved = errno;
        buffer_free(&beside);
        errno = saved;
    }
    return result < 0 && errno != ENOENT ? errno : 0;
}

/* Deletes or moves the counted file at PRIVATE.  Returns 0, or an errno. */
static int remove_counted(const struct site *site, const char *private, const char *file)
{
    if (site->after != SITE_AFTER_MOVE)
        return unlink(private) < 0 ? errno : 0;
    struct buffer target = {0};
    int error = 0;
    add_target(&target, site, file);
    if (folders_make_above(target.data, 0777) < 0 || path_move(private, target.data) < 0)
        error = errno;
    buffer_free(&target);
    return error;
}

/* Returns whether NAME is a link that leads to no file.  Such a link counts as counted: its file,
 * which was counted, is gone. */
static bool is_dangling(const char *name)
{
    struct stat status;
    return lstat(name, &status) == 0 && S_ISLNK(status.st_mode) && stat(name, &status) < 0 &&
           errno == ENOENT;
}

/* Does the steps 2 and 3 with the file at PRIVATE.  Returns 0 when nothing is left to do, or an
 * errno. */
static int clean_private(const struct site *site, const char *private,
                         const struct clean_item *item)
{
    struct stat status;
    bool is_counted = stat(private, &status) == 0 ? file_is_version(&status, item->tag, item->size)
                                                  : is_dangling(private);
    if (!is_counted)
        return put_back(private, item->key);
    int error = remove_counted(site, private, item->key);
    if (error)
        put_back(private, item->key);
    return error;
}

/* Cleans up what a killed clean-up has left.  Returns 0 when nothing is left, or an errno. */
static int resume(const struct site *site, const char *private, const struct clean_item *item)
{
    struct stat status;
    return lstat(private, &status) == 0 ? clean_private(site, private, item) : 0;
}

/* Cleans up one file.  Returns 0 when nothing is left to do for it, or an errno. */
static int clean_file(const struct site *site, const struct clean_item *item)
{
    struct stat status;
    struct buffer private = {0};
    add_private(&private, item->key);
    int error = resume(site, private.data, item);
    if (error)
        goto out;
    bool is_link = is_dangling(item->key);
    if (!is_link && stat(item->key, &status) < 0) {
        bool is_gone = errno == ENOENT || errno == ENOTDIR;
        error = is_gone && access(site->source, F_OK) == 0 ? 0 : errno;
        goto out;
    }
    /* This check finds most files that were replaced, so these keep their name all the time. */
    if (!is_link && !file_is_version(&status, item->tag, item->size))
        goto out;
    if (rename(item->key, private.data) == 0)
        error = clean_private(site, private.data, item);
    else if (errno != ENOENT)
        error = errno;
out:
    buffer_free(&private);
    return error;
}

/* Returns whether the source exists.  When it is missing, perhaps because a disk is not mounted,
 * its files may still exist elsewhere.  When the source is one file, a killed clean-up may have
 * renamed it. */
static bool is_there(const struct site *site, const struct clean_item *items, size_t count)
{
    for (size_t i = 0; access(site->source, F_OK) < 0 && i < count; i++) {
        struct buffer private = {0};
        add_private(&private, items[i].key);
        resume(site, private.data, &items[i]);
        buffer_free(&private);
    }
    return access(site->source, F_OK) == 0;
}

/* Returns whether two files are in one folder. */
static bool is_in_same_folder(const char *a, const char *b)
{
    const char *slash_a = strrchr(a, '/'), *slash_b = strrchr(b, '/');
    size_t size = slash_a ? (size_t)(slash_a - a) : 0;
    return slash_a && slash_b && size == (size_t)(slash_b - b) && !memcmp(a, b, size);
}

/* Syncs the folder of each file that is done; a failure leaves all files of the folder to the next
 * run. */
static void sync_folders(struct cleaner *cleaner, struct clean_item *items, size_t count)
{
    for (size_t i = 0, next; i < count; i = next) {
        bool is_changed = false;
        for (next = i;
             next < count && (next == i || is_in_same_folder(items[i].key, items[next].key));
             next++)
            is_changed |= items[next].is_done;
        /* A folder that is gone has no file left. */
        if (!is_changed || folders_sync_above(items[i].key) == 0 || errno == ENOENT ||
            errno == ENOTDIR)
            continue;
        cleaner_failed(cleaner, &items[i], strerror(errno));
        for (size_t j = i; j < next; j++)
            items[j].is_done = false;
    }
}

bool path_remove(struct source *source, struct cleaner *cleaner, struct clean_item *items,
                 size_t count)
{
    (void)source;
    const struct site *site = cleaner->site;
    if (!is_there(site, items, count)) {
        message_warning("the source %s cannot be reached: %s; counted files there are not %s until "
                        "it is back; mount it, or correct the setting \"source\"",
                        site->source, strerror(errno),
                        site->after == SITE_AFTER_MOVE ? "moved" : "deleted");
        for (size_t i = 0; i < count; i++)
            items[i].error = memory_copy_text("the source cannot be reached");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        int error = clean_file(site, &items[i]);
        items[i].is_done = !error;
        items[i].is_alone = error == EEXIST;
        if (error)
            cleaner_failed(cleaner, &items[i],
                           error == EEXIST ? "another file of this name is in the target; rename "
                                             "or remove the other one"
                                           : strerror(error));
    }
    sync_folders(cleaner, items, count);
    return true;
}
