#include "files/write_all.h"

#include <errno.h>
#include <unistd.h>

bool write_all(int fd, const void *data, size_t size)
{
    const char *s = data;
    while (size) {
        ssize_t written = write(fd, s, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        s += written;
        size -= (size_t)written;
    }
    return true;
}
