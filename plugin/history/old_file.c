#include "history/old_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_SIZE = 1 << 17 };

struct old_file {
    int descriptor;
    uint64_t place; /* of the buffer's first byte in the file */
    char *buffer;
    size_t capacity, filled, next; /* bytes; the next line begins at buffer + next */
};

struct old_file *old_file_new(int descriptor)
{
    struct stat status;
    if (fstat(descriptor, &status) < 0 || !S_ISREG(status.st_mode))
        return NULL;
    struct old_file *file = calloc(1, sizeof *file);
    char *buffer = malloc(FIRST_SIZE);
    if (!file || !buffer) {
        free(file);
        free(buffer);
        return NULL;
    }
    *file = (struct old_file){.descriptor = descriptor, .buffer = buffer, .capacity = FIRST_SIZE};
    return file;
}

void old_file_free(struct old_file *file)
{
    if (!file)
        return;
    free(file->buffer);
    free(file);
}

/* Moves the remaining bytes to the start of the buffer, and reads more.  Returns the number of bytes read; 0 at
 * the end, and after an error. */
static size_t fill(struct old_file *file, int *error)
{
    file->filled -= file->next;
    file->place += file->next;
    memmove(file->buffer, file->buffer + file->next, file->filled);
    file->next = 0;
    if (file->filled == file->capacity) {
        char *larger = realloc(file->buffer, file->capacity * 2);
        if (!larger) {
            *error = ENOMEM;
            return 0;
        }
        file->buffer = larger;
        file->capacity *= 2;
    }
    ssize_t got;
    do
        got = pread(file->descriptor, file->buffer + file->filled, file->capacity - file->filled,
                    (off_t)(file->place + file->filled));
    while (got < 0 && errno == EINTR);
    if (got < 0)
        *error = errno;
    file->filled += got > 0 ? (size_t)got : 0;
    return got > 0 ? (size_t)got : 0;
}

const char *old_file_line(struct old_file *file, size_t *size, int *error)
{
    size_t searched = 0;
    *error = 0;
    for (;;) {
        char *line = file->buffer + file->next;
        const size_t left = file->filled - file->next;
        const char *end = memchr(line + searched, '\n', left - searched);
        if (end) {
            *size = (size_t)(end - line) + 1;
            file->next += *size;
            return line;
        }
        searched = left;
        if (!fill(file, error))
            break;
    }
    *size = file->filled;
    file->next = file->filled;
    return *size && !*error ? file->buffer : NULL;
}

uint64_t old_file_place(const struct old_file *file)
{
    return file->place + file->next;
}

void old_file_go_to(struct old_file *file, uint64_t place)
{
    if (place >= file->place && place <= file->place + file->filled) {
        file->next = (size_t)(place - file->place);
        return;
    }
    file->place = place;
    file->filled = file->next = 0;
}
