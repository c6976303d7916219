#include "files/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/folders.h"

int own_file_open(const char *path, bool make, mode_t mode, bool *is_new)
{
    /* O_NONBLOCK: opening a pipe must not wait for its other end. */
    const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    struct stat status;
    bool is_made = false;
    int fd = open(path, flags);
    if (fd < 0 && errno == ENOENT && make) {
        fd = open(path, flags | O_CREAT | O_EXCL, mode);
        is_made = fd >= 0;
        if (fd < 0 && errno == EEXIST)
            fd = open(path, flags);
    }
    if (is_new)
        *is_new = is_made;
    if (fd < 0) {
        if (errno == EISDIR || errno == ENXIO)
            errno = EBADFD;
        return -1;
    }
    int number = 0;
    if (fstat(fd, &status) < 0 || (is_made && folders_give(fd, path) < 0))
        number = errno;
    else if (!S_ISREG(status.st_mode))
        number = EBADFD;
    else if (status.st_nlink > 1)
        number = EMLINK;
    if (!number)
        return fd;
    if (is_made)
        unlink(path); /* so that the next run makes the file and gives it to the owner */
    close(fd);
    errno = number;
    return -1;
}
