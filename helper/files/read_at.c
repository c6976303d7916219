#include "files/read_at.h"

#include <errno.h>
#include <unistd.h>

ssize_t read_at(int fd, void *data, size_t size, uint64_t offset)
{
    size_t got = 0;
    while (got < size) {
        ssize_t part = pread(fd, (char *)data + got, size - got, (off_t)(offset + got));
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return -1;
        if (part == 0)
            break;
        got += (size_t)part;
    }
    return (ssize_t)got;
}
