#include "files/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory/allocate.h"

int folders_make_above(const char *path, mode_t mode)
{
    char *copy = memory_copy_text(path);
    int result = 0;
    for (char *p = copy; result == 0 && *p && (p = strchr(p + 1, '/'));) {
        *p = '\0';
        if (mkdir(copy, mode) < 0 && errno != EEXIST)
            result = -1;
        *p = '/';
    }
    int saved = errno;
    free(copy);
    errno = saved;
    return result;
}

int folders_make(const char *path, mode_t mode)
{
    if (folders_make_above(path, mode) < 0)
        return -1;
    return mkdir(path, mode) < 0 && errno != EEXIST ? -1 : 0;
}

int folders_sync_above(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = !slash          ? memory_copy_text(".")
                   : slash == path ? memory_copy_text("/")
                                   : memory_copy_bytes(path, (size_t)(slash - path));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd < 0 ? -1 : fsync(fd);
    int saved = errno;
    if (fd >= 0)
        close(fd);
    free(folder);
    errno = saved;
    return result;
}
