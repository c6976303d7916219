#include "backup/history.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "awstats/history.h"
#include "memory/allocate.h"
#include "text/shell_word.h"
#include "text/user_name.h"

#define PROGRAM "awstats"

/* Returns the suffix in NAME, and stores its size.  NULL when NAME is not the name of a history file. */
static const char *find_suffix(const char *name, size_t *size)
{
    size_t prefix = sizeof PROGRAM - 1, length = strlen(name);
    if (strncmp(name, PROGRAM, prefix))
        return NULL;
    size_t digits = strspn(name + prefix, "0123456789");
    if (digits < 4 || digits > 10 || digits % 2)
        return NULL;
    const char *suffix = name + prefix + digits, *end = name + length;
    if (length > 3 && !strcmp(end - 3, ".gz"))
        end -= 3;
    end -= 4;
    if (end < suffix || strncmp(end, ".txt", 4) || (end > suffix && *suffix != '.') ||
        strpbrk(name, "/\t\n"))
        return NULL;
    *size = (size_t)(end - suffix);
    return suffix;
}

bool backup_is_history_name(const char *name)
{
    size_t size;
    return find_suffix(name, &size) != NULL;
}

static bool has_suffix(const struct history *history, const char *name)
{
    size_t size;
    const char *suffix = find_suffix(name, &size);
    for (size_t i = 0; suffix && i < history->suffix_count; i++)
        if (strlen(history->suffixes[i]) == size && !strncmp(history->suffixes[i], suffix, size))
            return true;
    return false;
}

void backup_add_suffix(struct history *history, const char *name)
{
    size_t size;
    const char *suffix = find_suffix(name, &size);
    if (!suffix || has_suffix(history, name))
        return;
    history->suffixes = array_grow(history->suffixes, history->suffix_count,
                                   &history->suffix_capacity, sizeof *history->suffixes);
    history->suffixes[history->suffix_count++] = memory_copy_bytes(suffix, size);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct history_file *)a)->name, ((const struct history_file *)b)->name);
}

/* Lists all history files of the folder that are regular files, in the order of their names. */
static bool list(struct history *history, int folder)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;
    if (!directory)
        return false;
    while ((errno = 0, entry = readdir(directory))) {
        struct stat status;
        if (!backup_is_history_name(entry->d_name) ||
            fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
            !S_ISREG(status.st_mode))
            continue;
        history->files =
            array_grow(history->files, history->count, &history->capacity, sizeof *history->files);
        history->files[history->count++] =
            (struct history_file){memory_copy_text(entry->d_name), status};
    }
    int number = errno;
    closedir(directory);
    errno = number;
    if (history->count)
        qsort(history->files, history->count, sizeof *history->files, by_name);
    return !number;
}

/* Finds the configurations whose history has the site, and the site's last batch. */
static bool find_batches(struct history *history, int folder, const char *site)
{
    char newest[AWSTATS_PERIOD_SIZE] = "", period[AWSTATS_PERIOD_SIZE], id[BATCH_ID_SIZE];
    for (size_t i = 0; i < history->count; i++) {
        const char *name = history->files[i].name;
        if (!awstats_history_read_batch(folder, name, site, id))
            return false;
        if (!*id)
            continue;
        backup_add_suffix(history, name);
        awstats_history_period(period, name + sizeof PROGRAM - 1);
        if (strcmp(period, newest) >= 0) {
            memcpy(newest, period, sizeof newest);
            memcpy(history->last_batch, id, sizeof id);
        }
    }
    return true;
}

/* Finds the folder of a recount that replaces history files now, or was interrupted, so some files may be
 * new and others old.  The plugin's AWStats::CloudFront::Replacement makes the folder. */
static bool find_recount(struct history *history, int folder, const char *path)
{
    bool works = true;
    for (size_t i = 0; works && !history->recount && i < history->suffix_count; i++) {
        struct buffer name = {0}, found = {0};
        struct stat status;
        buffer_printf(&name, PROGRAM "%s.cloudfront-recount", history->suffixes[i]);
        if (fstatat(folder, name.data, &status, AT_SYMLINK_NOFOLLOW) == 0) {
            buffer_printf(&found, "%s/%s", path, name.data);
            history->recount = found.data;
        } else {
            works = errno == ENOENT;
        }
        buffer_free(&name);
    }
    return works;
}

/* Adds an error: why the history cannot be read. */
static void explain(const char *folder, int number, struct buffer *error)
{
    struct stat status;
    char owner[USER_NAME_SIZE], *quoted = shell_word(folder);
    bool is_denied = number == EACCES || number == EPERM;
    buffer_printf(error, "%s: the AWStats history there cannot be read: %s; ", folder,
                  strerrordesc_np(number));
    if (is_denied && stat(folder, &status) == 0 && status.st_uid == geteuid())
        buffer_printf(error, "run: chmod u+rwx %s", quoted);
    else if (is_denied)
        buffer_printf(error, "run this as %s, who owns this folder",
                      user_name_of_owner(folder, owner));
    else
        buffer_add_text(error, "name the folder (DirData in awstats.NAME.conf) with --dirdata");
    free(quoted);
}

bool backup_find_history(struct history *history, const char *folder, const char *site,
                         struct buffer *error)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && list(history, fd) && find_batches(history, fd, site) &&
                find_recount(history, fd, folder);
    if (!done)
        explain(folder, errno, error);
    if (fd >= 0)
        close(fd);
    size_t kept = 0;
    for (size_t i = 0; i < history->count; i++) {
        if (has_suffix(history, history->files[i].name))
            history->files[kept++] = history->files[i];
        else
            free(history->files[i].name);
    }
    history->count = kept;
    return done;
}

bool backup_is_same_history(const struct history *before, const struct history *after)
{
    if (before->count != after->count)
        return false;
    for (size_t i = 0; i < before->count; i++) {
        const struct stat *a = &before->files[i].status, *b = &after->files[i].status;
        if (strcmp(before->files[i].name, after->files[i].name) || a->st_ino != b->st_ino ||
            a->st_size != b->st_size || a->st_mtim.tv_sec != b->st_mtim.tv_sec ||
            a->st_mtim.tv_nsec != b->st_mtim.tv_nsec || a->st_ctim.tv_sec != b->st_ctim.tv_sec ||
            a->st_ctim.tv_nsec != b->st_ctim.tv_nsec)
            return false;
    }
    return true;
}

void backup_free_history(struct history *history)
{
    for (size_t i = 0; i < history->count; i++)
        free(history->files[i].name);
    for (size_t i = 0; i < history->suffix_count; i++)
        free(history->suffixes[i]);
    free(history->files);
    free(history->suffixes);
    free(history->recount);
    *history = (struct history){0};
}
