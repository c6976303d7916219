#include "text/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text/message.h"
#include "files/write_all.h"

enum {
    BUFFER_SIZE = 256 * 1024,
    PIPE_SIZE = 1024 * 1024, /* a large pipe lets the reader and this program work at once */
    WAIT_MIN_MS = 1,
    WAIT_MAX_MS = 50
};

struct output {
    size_t used;
    char buffer[BUFFER_SIZE];
};

struct output *output_open(void)
{
    struct output *output = calloc(1, sizeof *output);
    if (!output)
        message_error("out of memory");
    fcntl(STDOUT_FILENO, F_SETPIPE_SZ, PIPE_SIZE);
    return output;
}

bool output_flush(struct output *output)
{
    if (!write_all(STDOUT_FILENO, output->buffer, output->used)) {
        message_error("standard output: %s",
                      errno == EPIPE ? "its reader has gone away" : strerror(errno));
        return false;
    }
    output->used = 0;
    return true;
}

bool output_put(struct output *output, const char *data, size_t size)
{
    while (size) {
        if (output->used == BUFFER_SIZE && !output_flush(output))
            return false;
        size_t room = BUFFER_SIZE - output->used, take = size < room ? size : room;
        memcpy(output->buffer + output->used, data, take);
        output->used += take;
        data += take;
        size -= take;
    }
    return true;
}

bool output_wait_for_reader(struct output *output)
{
    (void)output;
    struct stat status;
    if (fstat(STDOUT_FILENO, &status) < 0 || !S_ISFIFO(status.st_mode))
        return true;
    for (int wait = 0, left;;) {
        /* A pipe whose reader has gone away is in error, whatever is asked for. */
        struct pollfd poll_fd = {.fd = STDOUT_FILENO};
        if (poll(&poll_fd, 1, wait) > 0 && poll_fd.revents & POLLERR) {
            message_error("standard output: its reader has gone away");
            return false;
        }
        if (ioctl(STDOUT_FILENO, FIONREAD, &left) < 0 || left == 0)
            return true;
        wait = wait ? (2 * wait < WAIT_MAX_MS ? 2 * wait : WAIT_MAX_MS) : WAIT_MIN_MS;
    }
}

bool output_close(struct output *output)
{
    output_free(output);
    if (close(STDOUT_FILENO) == 0)
        return true;
    message_error("standard output: %s", strerror(errno));
    return false;
}

void output_free(struct output *output)
{
    free(output);
}
