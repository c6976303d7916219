#include "text/read_content.h"

#include <errno.h>
#include <unistd.h>

enum { PIECE_SIZE = 64 * 1024 };

bool read_content(struct buffer *content, int fd)
{
    ssize_t size;
    lseek(fd, 0, SEEK_SET); /* fails for a pipe, which has only one place to read from */
    do {
        size = read(fd, buffer_extend(content, PIECE_SIZE), PIECE_SIZE);
        content->size += size > 0 ? (size_t)size : 0;
    } while (size > 0 || (size < 0 && errno == EINTR));
    int number = errno;
    buffer_add(content, "", 0);
    errno = number;
    return size == 0;
}
