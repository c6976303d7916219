#include "files/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory/allocate.h"

char *folders_above(const char *path)
{
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/')
        size--;
    while (size && path[size - 1] != '/')
        size--;
    if (!size)
        return memory_copy_text(".");
    while (size > 1 && path[size - 1] == '/')
        size--;
    return memory_copy_bytes(path, size);
}

int folders_give(int fd, const char *path)
{
    struct stat folder;
    if (geteuid() != 0)
        return 0;
    char *above = folders_above(path);
    int result = stat(above, &folder);
    int saved = errno;
    free(above);
    errno = saved;
    if (result == 0 && folder.st_uid != 0)
        result = fchown(fd, folder.st_uid, folder.st_gid);
    return result;
}

/* Gives a new folder to its owner, and waits until its name is on the disk. */
static int settle(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    /* A mode without the owner's read permission is the caller's choice. */
    int result = fd < 0 ? (errno == EACCES ? 0 : -1) : folders_give(fd, path);
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
    if (result == 0 && folders_sync_above(path) < 0 && errno != EACCES)
        result = -1;
    return result;
}

static int make_one(const char *path, mode_t mode)
{
    if (mkdir(path, mode) == 0)
        return settle(path);
    return errno == EEXIST ? 0 : -1;
}

int folders_make_above(const char *path, mode_t mode)
{
    char *copy = memory_copy_text(path);
    int result = 0;
    for (char *p = copy; result == 0 && *p && (p = strchr(p + 1, '/'));) {
        *p = '\0';
        result = make_one(copy, mode);
        *p = '/';
    }
    int saved = errno;
    free(copy);
    errno = saved;
    return result;
}

int folders_make(const char *path, mode_t mode)
{
    return folders_make_above(path, mode) < 0 ? -1 : make_one(path, mode);
}

static int sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd < 0 ? -1 : fsync(fd);
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
    return result;
}

int folders_sync_above(const char *path)
{
    char *folder = folders_above(path);
    int result = sync_folder(folder);
    int saved = errno;
    free(folder);
    errno = saved;
    return result;
}

int folders_sync_all_above(const char *path)
{
    char *folder = folders_above(path);
    int result = sync_folder(folder);
    bool goes_on = result == 0;
    while (goes_on && strcmp(folder, "/") && strcmp(folder, ".")) {
        char *above = folders_above(folder);
        free(folder);
        folder = above;
        /* This program has made no folder where it cannot sync: other users' folders, pseudo
         * filesystems. */
        goes_on = sync_folder(folder) == 0 || errno == EACCES || errno == EINVAL || errno == EROFS;
        if (!goes_on)
            result = -1;
    }
    int saved = errno;
    free(folder);
    errno = saved;
    return result;
}
