/* Deletes the files of a committed batch, or moves them into another directory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/clean_up.h"
#include "text/buffer.h"
#include "text/message.h"

/* Where the source itself is away, as a disk that is not mounted, nothing can be told of its files.
 */
static bool open_path(struct cleaner *cleaner)
{
    const char *source = cleaner->site->source;
    if (access(source, F_OK) == 0)
        return true;
    message_warning("%s: %s; what is to be %s there will be when it is back", source,
                    strerror(errno), cleaner->site->after == SITE_AFTER_MOVE ? "moved" : "deleted");
    return false;
}

static void close_path(struct cleaner *cleaner)
{
    (void)cleaner;
}

/* Where a file goes: with its folders below the source, below the target. */
static bool add_target(struct buffer *path, const struct site *site, const char *file)
{
    size_t size = strlen(site->source);
    const char *slash = strrchr(file, '/'), *inside = slash ? slash + 1 : file;
    if (!strncmp(file, site->source, size) && file[size] &&
        (file[size] == '/' || site->source[size - 1] == '/'))
        inside = file + size + (file[size] == '/');
    return buffer_printf(path, "%s/%s", site->after_to, inside);
}

static int make_folders(char *path)
{
    int result = 0;
    for (char *p = path + 1; !result && (p = strchr(p, '/')); p++) {
        *p = '\0';
        result = mkdir(path, 0777) < 0 && errno != EEXIST ? -1 : 0;
        *p = '/';
    }
    return result;
}

/* Returns 0, or -1 with errno set.  A file that is there already is not replaced. */
static int move_file(const struct site *site, const char *file)
{
    struct buffer path = {0};
    int result = -1;
    errno = ENOMEM;
    if (add_target(&path, site, file) && make_folders(path.data) == 0)
        result = renameat2(AT_FDCWD, file, AT_FDCWD, path.data, RENAME_NOREPLACE);
    int saved = errno;
    buffer_free(&path);
    errno = saved;
    return result;
}

/* Returns 0 when nothing is left to do for the file, else why it cannot be done, an errno. */
static int clean_file(const struct site *site, const struct clean_item *item)
{
    struct stat status;
    char tag[32];
    if (stat(item->key, &status) < 0) {
        int cause = errno;
        bool is_gone = cause == ENOENT || cause == ENOTDIR;
        return is_gone && access(site->source, F_OK) == 0 ? 0 : cause;
    }
    snprintf(tag, sizeof tag, "%lld",
             (long long)status.st_mtim.tv_sec * 1000000000LL + status.st_mtim.tv_nsec);
    if (strcmp(tag, item->tag) || (uint64_t)status.st_size != item->size)
        return 0;
    int result = site->after == SITE_AFTER_MOVE ? move_file(site, item->key) : unlink(item->key);
    return result < 0 ? errno : 0;
}

static bool clean(struct cleaner *cleaner, struct clean_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int cause = clean_file(cleaner->site, &items[i]);
        items[i].is_done = !cause;
        if (cause)
            clean_up_failed(cleaner, items[i].key, strerror(cause));
    }
    return true;
}

const struct cleaner cleaner_path = {.open = open_path, .clean = clean, .close = close_path};
