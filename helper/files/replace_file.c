#include "files/replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/write_all.h"
#include "memory/allocate.h"

/* Behind the name, so that programs that look for an ending, as ".conf", do not take the new
 * file. */
#define END ".XXXXXX"

int replace_file(const char *path, mode_t mode, const void *data, size_t size)
{
    size_t length = strlen(path);
    char *beside = memory_allocate(length + sizeof END, 1);
    memcpy(beside, path, length);
    memcpy(beside + length, END, sizeof END);
    int fd = mkostemp(beside, O_CLOEXEC), number = fd < 0 ? errno : 0;
    /* Without fsync() a power cut could leave an empty file under the name. */
    if (fd >= 0) {
        bool done = fchmod(fd, mode) == 0 && write_all(fd, data, size) && fsync(fd) == 0;
        number = done ? 0 : errno;
        if (close(fd) < 0 && !number)
            number = errno;
        if (!number && rename(beside, path) < 0)
            number = errno;
        if (number)
            unlink(beside);
    }
    free(beside);
    errno = number;
    return number ? -1 : 0;
}
