#include "files/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory/allocate.h"

enum { FIRST_ROOM = 4096 };

/* Frees bytes that may hold a secret, and keeps errno. */
static void discard(char *text, size_t size)
{
    int saved = errno;
    explicit_bzero(text, size);
    free(text);
    errno = saved;
}

/* Returns a copy of TEXT with ROOM bytes. */
static char *grow(char *text, size_t size, size_t room)
{
    char *larger = memory_allocate(room, 1);
    memcpy(larger, text, size);
    discard(text, size);
    return larger;
}

char *read_file_at(int fd, size_t limit, size_t *size)
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
        if (got < 0 && errno == EINTR)
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
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    char *text = read_file_at(fd, limit, size);
    int saved = errno;
    close(fd);
    errno = saved;
    return text;
}
