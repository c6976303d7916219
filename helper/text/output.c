#include "text/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/write_all.h"
#include "memory/allocate.h"

enum {
    BUFFER_SIZE = 256 * 1024,
    PIPE_SIZE = 1024 * 1024, /* a large pipe lets the reader and this program work at once */
    WAIT_MIN_MS = 1,         /* between two looks at the pipe, at first */
    WAIT_MAX_MS = 50         /* and at most */
};

struct output {
    int fd; /* -1 with a sink */
    const struct output_sink *sink;
    const char *name;
    struct buffer *error;
    size_t used;
    char buffer[BUFFER_SIZE];
};

/* Stores the error text, unless there is an earlier one; returns false. */
static bool fail(struct output *output, const char *error)
{
    if (!output->error->size)
        buffer_printf(output->error, "%s: %s", output->name, error);
    return false;
}

static struct output *make(int fd, const struct output_sink *sink, const char *name,
                           struct buffer *error)
{
    struct output *output = memory_allocate(1, sizeof *output);
    output->fd = fd;
    output->sink = sink;
    output->name = name;
    output->error = error;
    return output;
}

struct output *output_open(int fd, const char *name, struct buffer *error)
{
    fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE); /* fails for anything else than a pipe */
    return make(fd, NULL, name, error);
}

struct output *output_open_sink(const struct output_sink *sink, const char *name,
                                struct buffer *error)
{
    return make(-1, sink, name, error);
}

static bool write_out(struct output *output, const char *data, size_t size)
{
    if (output->sink && !output->sink->put(output->sink->user, data, size))
        return fail(output, "the program that reads the output accepts no more data");
    if (!output->sink && !write_all(output->fd, data, size))
        return fail(output, errno == EPIPE ? "the program that reads the output has ended before "
                                             "it read all; see its error message"
                                           : strerrordesc_np(errno));
    return true;
}

bool output_flush(struct output *output)
{
    bool done = write_out(output, output->buffer, output->used);
    if (done)
        output->used = 0;
    return done;
}

bool output_put(struct output *output, const char *data, size_t size)
{
    if (size > BUFFER_SIZE - output->used && !output_flush(output))
        return false;
    if (size > BUFFER_SIZE)
        return write_out(output, data, size);
    memcpy(output->buffer + output->used, data, size);
    output->used += size;
    return true;
}

bool output_wait_for_reader(struct output *output)
{
    struct stat status;
    if (fstat(output->fd, &status) < 0 || !S_ISFIFO(status.st_mode))
        return true;
    for (int wait = 0, left;;) {
        /* poll() reports POLLERR once the reader has closed the pipe. */
        struct pollfd poll_fd = {.fd = output->fd};
        if (poll(&poll_fd, 1, wait) > 0 && poll_fd.revents & POLLERR)
            return fail(output, "the program that reads the output has ended before it read all; "
                                "see its error message");
        if (ioctl(output->fd, FIONREAD, &left) < 0 || left == 0)
            return true;
        wait = wait ? (2 * wait < WAIT_MAX_MS ? 2 * wait : WAIT_MAX_MS) : WAIT_MIN_MS;
    }
}

bool output_close(struct output *output)
{
    bool closed = output->sink || close(output->fd) == 0 || fail(output, strerrordesc_np(errno));
    free(output);
    return closed;
}
