#include "sort/spill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/read_at.h"
#include "files/temporary.h"
#include "files/write_all.h"

enum { WRITE_BUFFER = 256 * 1024, READ_BUFFER = 64 * 1024 };

/* The bytes before each record in the file: the record's key and size. */
enum { PREFIX_SIZE = sizeof(uint64_t) + sizeof(uint32_t) };

bool spill_open(struct spill *spill, const char *directory)
{
    *spill = (struct spill){.fd = temporary_open(directory)};
    if (spill->fd < 0)
        return false;
    spill->buffer = malloc(WRITE_BUFFER);
    if (!spill->buffer)
        spill_close(spill);
    return spill->buffer != NULL;
}

void spill_close(struct spill *spill)
{
    if (spill->fd >= 0)
        close(spill->fd);
    free(spill->buffer);
    *spill = (struct spill){.fd = -1};
}

static bool flush(struct spill *spill)
{
    size_t used = spill->used;
    spill->used = 0;
    return write_all(spill->fd, spill->buffer, used);
}

static bool append(struct spill *spill, const void *data, size_t size)
{
    spill->size += size;
    if (size > WRITE_BUFFER - spill->used) {
        if (!flush(spill))
            return false;
        if (size > WRITE_BUFFER)
            return write_all(spill->fd, data, size);
    }
    memcpy(spill->buffer + spill->used, data, size);
    spill->used += size;
    return true;
}

bool spill_add(struct spill *spill, uint64_t key, const char *record, size_t size)
{
    char prefix[PREFIX_SIZE];
    uint32_t size32 = (uint32_t)size;
    memcpy(prefix, &key, sizeof key);
    memcpy(prefix + sizeof key, &size32, sizeof size32);
    return append(spill, prefix, sizeof prefix) && append(spill, record, size);
}

bool spill_end_run(struct spill *spill, uint64_t begin, struct run *run)
{
    *run = (struct run){.fd = spill->fd, .begin = begin, .end = spill->size};
    return flush(spill);
}

bool run_reader_open(struct run_reader *reader, const struct run *run)
{
    *reader = (struct run_reader){.run = *run, .capacity = READ_BUFFER};
    reader->buffer = malloc(reader->capacity);
    return reader->buffer != NULL;
}

void run_reader_close(struct run_reader *reader)
{
    free(reader->buffer);
    *reader = (struct run_reader){0};
}

/* Reads until the buffer has at least SIZE bytes from reader->at on. */
static bool fill(struct run_reader *reader, size_t size)
{
    size_t left = reader->used - reader->at;
    if (left >= size)
        return true;
    memmove(reader->buffer, reader->buffer + reader->at, left);
    reader->used = left;
    reader->at = 0;
    if (size > reader->capacity) {
        char *buffer = realloc(reader->buffer, size);
        if (!buffer)
            return false;
        reader->buffer = buffer;
        reader->capacity = size;
    }
    uint64_t left_in_run = reader->run.end - reader->run.begin;
    size_t want = reader->capacity - reader->used;
    if (want > left_in_run)
        want = (size_t)left_in_run;
    ssize_t got = read_at(reader->run.fd, reader->buffer + reader->used, want, reader->run.begin);
    if (got < 0)
        return false;
    reader->used += (size_t)got;
    reader->run.begin += (uint64_t)got;
    if (reader->used < size)
        errno = EIO;
    return reader->used >= size;
}

int run_reader_next(struct run_reader *reader)
{
    if (reader->at == reader->used && reader->run.begin == reader->run.end)
        return 0;
    if (!fill(reader, PREFIX_SIZE))
        return -1;
    memcpy(&reader->key, reader->buffer + reader->at, sizeof reader->key);
    memcpy(&reader->size, reader->buffer + reader->at + sizeof reader->key, sizeof reader->size);
    if (!fill(reader, PREFIX_SIZE + (size_t)reader->size))
        return -1;
    reader->record = reader->buffer + reader->at + PREFIX_SIZE;
    reader->at += PREFIX_SIZE + (size_t)reader->size;
    return 1;
}
