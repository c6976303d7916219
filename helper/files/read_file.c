#include "files/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory/allocate.h"

enum { FIRST_ROOM = 4096, PIPE_MS = 5000 };

/* Frees bytes that may hold a secret, and keeps errno. */
static void discard(char *text, size_t size)
{
    int saved = errno;
    explicit_bzero(text, size);
    free(text);
    errno = saved;
}

/* Moves TEXT into a block of ROOM bytes.  realloc() could leave a copy of a secret behind. */
static char *grow(char *text, size_t size, size_t room)
{
    char *larger = memory_allocate(room, 1);
    memcpy(larger, text, size);
    discard(text, size);
    return larger;
}

/* Waits until there are bytes, or the end; only a pipe lets a reader wait.  Returns false with
 * errno set if nothing comes within PIPE_MS milliseconds. */
static bool wait_for_bytes(int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    int ready;
    do
        ready = poll(&wanted, 1, PIPE_MS);
    while (ready < 0 && errno == EINTR);
    if (!ready)
        errno = ENODATA;
    return ready > 0;
}

/* Reads a descriptor to its end; returns as read_file(). */
static char *read_rest(int fd, size_t limit, size_t *size)
{
    size_t room = limit < FIRST_ROOM ? limit + 1 : FIRST_ROOM;
    char *text = memory_allocate(room, 1);
    *size = 0;
    while (*size <= limit) {
        if (*size == room) {
            room = room > limit / 2 ? limit + 1 : 2 * room;
            text = grow(text, *size, room);
        }
        ssize_t got = read(fd, text + *size, room - *size);
        if (got < 0 && (errno == EINTR || (errno == EAGAIN && wait_for_bytes(fd))))
            continue;
        if (got < 0) {
            discard(text, *size);
            return NULL;
        }
        if (!got)
            break;
        *size += (size_t)got;
    }
    if (*size == room && *size <= limit)
        text = grow(text, *size, room + 1);
    text[*size <= limit ? *size : limit] = '\0';
    return text;
}

char *read_file(const char *path, size_t limit, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return NULL;
    char *text = wait_for_bytes(fd) ? read_rest(fd, limit, size) : NULL;
    int saved = errno;
    close(fd);
    errno = saved;
    return text;
}
