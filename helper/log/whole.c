#include "log/whole.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files/temporary.h"
#include "files/write_all.h"

struct whole {
    unsigned char *data; /* of the bytes, while they are in memory */
    size_t capacity;
    size_t size; /* of all bytes */
    int fd;      /* of the temporary file that has them all, or -1 */
    void *map;   /* of that file, or NULL */
    size_t mapped;
};

struct whole *whole_new(void)
{
    struct whole *whole = calloc(1, sizeof *whole);
    if (whole)
        whole->fd = -1;
    return whole;
}

static void unmap(struct whole *whole)
{
    if (whole->map)
        munmap(whole->map, whole->mapped);
    whole->map = NULL;
}

void whole_begin(struct whole *whole)
{
    unmap(whole);
    if (whole->fd >= 0)
        close(whole->fd);
    free(whole->data);
    *whole = (struct whole){.fd = -1};
}

void whole_free(struct whole *whole)
{
    if (!whole)
        return;
    whole_begin(whole);
    free(whole);
}

/* Moves the bytes to a temporary file. */
static bool move_to_file(struct whole *whole)
{
    whole->fd = temporary_open(temporary_directory());
    if (whole->fd < 0 || !write_all(whole->fd, whole->data, whole->size))
        return false;
    free(whole->data);
    whole->data = NULL;
    whole->capacity = 0;
    return true;
}

static bool grow(struct whole *whole, size_t size)
{
    size_t capacity = whole->capacity ? whole->capacity : 64 * 1024;
    while (capacity < size)
        capacity *= 2;
    unsigned char *data = realloc(whole->data, capacity);
    if (!data)
        return false;
    whole->data = data;
    whole->capacity = capacity;
    return true;
}

bool whole_add(struct whole *whole, const void *data, size_t size)
{
    unmap(whole);
    if (whole->fd < 0 && whole->size + size > WHOLE_MEMORY_MAX && !move_to_file(whole))
        return false;
    if (whole->fd >= 0) {
        if (!write_all(whole->fd, data, size))
            return false;
    } else {
        if (whole->size + size > whole->capacity && !grow(whole, whole->size + size))
            return false;
        memcpy(whole->data + whole->size, data, size);
    }
    whole->size += size;
    return true;
}

const unsigned char *whole_get(struct whole *whole, size_t *size)
{
    *size = whole->size;
    if (whole->fd < 0 || whole->map)
        return whole->map ? whole->map : whole->data;
    void *map = mmap(NULL, whole->size, PROT_READ, MAP_SHARED, whole->fd, 0);
    if (map == MAP_FAILED)
        return NULL;
    whole->map = map;
    whole->mapped = whole->size;
    return whole->map;
}
