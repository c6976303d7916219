#include "historyfile/partitions.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/read_at.h"
#include "files/temporary.h"
#include "files/write_all.h"
#include "memory/allocate.h"
#include "text/buffer.h"

/* A partition is written and read in blocks of so many bytes.  In a block, the size of a line comes before the
 * line. */
enum { BLOCK = 32 * 1024 };

struct partition {
    char *block;      /* the block that is not full yet; NULL: none */
    size_t used;      /* bytes of this block */
    uint32_t *blocks; /* the numbers of the partition's full blocks in the file */
    size_t count, capacity;
};

struct history_partitions {
    int fd;
    uint32_t blocks; /* how many the file has */
    struct partition partition[HISTORY_PARTITIONS];

    /* The partition that is read: */
    const struct partition *current;
    size_t next; /* the next of its blocks to read */
    char *block;
    size_t at, size; /* in this block */
    struct buffer line;
};

struct history_partitions *history_partitions_new(const char *directory)
{
    int fd = temporary_open(directory);
    if (fd < 0)
        return NULL;
    struct history_partitions *partitions = memory_allocate(1, sizeof *partitions);
    partitions->fd = fd;
    return partitions;
}

void history_partitions_free(struct history_partitions *partitions)
{
    if (!partitions)
        return;
    for (size_t i = 0; i < HISTORY_PARTITIONS; i++) {
        free(partitions->partition[i].block);
        free(partitions->partition[i].blocks);
    }
    close(partitions->fd);
    free(partitions->block);
    buffer_free(&partitions->line);
    free(partitions);
}

/* Writes the block of a partition, even if it is not full. */
static bool write_block(struct history_partitions *partitions, struct partition *partition)
{
    memset(partition->block + partition->used, 0, BLOCK - partition->used);
    if (!write_all(partitions->fd, partition->block, BLOCK))
        return false;
    partition->blocks = array_grow(partition->blocks, partition->count, &partition->capacity,
                                   sizeof *partition->blocks);
    partition->blocks[partition->count++] = partitions->blocks++;
    partition->used = 0;
    return true;
}

static bool add_bytes(struct history_partitions *partitions, struct partition *partition,
                      const char *bytes, size_t size)
{
    while (size) {
        if (partition->used == BLOCK && !write_block(partitions, partition))
            return false;
        size_t room = BLOCK - partition->used, part = size < room ? size : room;
        memcpy(partition->block + partition->used, bytes, part);
        partition->used += part;
        bytes += part;
        size -= part;
    }
    return true;
}

bool history_partitions_add(struct history_partitions *partitions, size_t partition,
                            const char *line, size_t size)
{
    struct partition *to = &partitions->partition[partition];
    uint32_t length = (uint32_t)size;
    if (!to->block)
        to->block = memory_allocate(BLOCK, 1);
    if (sizeof length + size <= BLOCK - to->used) {
        char *end = mempcpy(to->block + to->used, &length, sizeof length);
        memcpy(end, line, size);
        to->used += sizeof length + size;
        return true;
    }
    return add_bytes(partitions, to, (const char *)&length, sizeof length) &&
           add_bytes(partitions, to, line, size);
}

bool history_partitions_end(struct history_partitions *partitions)
{
    /* A size of 0 ends the partition in its last block. */
    for (size_t i = 0; i < HISTORY_PARTITIONS; i++) {
        struct partition *partition = &partitions->partition[i];
        if (partition->block && !write_block(partitions, partition))
            return false;
        free(partition->block);
        partition->block = NULL;
    }
    partitions->block = memory_allocate(BLOCK, 1);
    return true;
}

void history_partitions_open(struct history_partitions *partitions, size_t partition)
{
    partitions->current = &partitions->partition[partition];
    partitions->next = 0;
    partitions->at = partitions->size = 0;
}

/* Reads the next block.  Returns false at the end (errno is 0) and after an error (errno). */
static bool read_block(struct history_partitions *partitions)
{
    errno = 0;
    if (partitions->next == partitions->current->count)
        return false;
    uint64_t offset = (uint64_t)partitions->current->blocks[partitions->next++] * BLOCK;
    ssize_t got = read_at(partitions->fd, partitions->block, BLOCK, offset);
    if (got != BLOCK) {
        errno = got < 0 ? errno : EIO;
        return false;
    }
    partitions->at = 0;
    partitions->size = BLOCK;
    errno = 0;
    return true;
}

static bool read_bytes(struct history_partitions *partitions, void *bytes, size_t size)
{
    for (char *to = bytes; size;) {
        if (partitions->at == partitions->size && !read_block(partitions))
            return false;
        size_t there = partitions->size - partitions->at, part = size < there ? size : there;
        memcpy(to, partitions->block + partitions->at, part);
        partitions->at += part;
        to += part;
        size -= part;
    }
    return true;
}

/* Returns the next line if the block has the whole line; otherwise NULL. */
static const char *next_in_block(struct history_partitions *partitions, size_t *size)
{
    uint32_t length;
    const size_t there = partitions->size - partitions->at;
    if (there < sizeof length)
        return NULL;
    const char *begin = partitions->block + partitions->at;
    memcpy(&length, begin, sizeof length);
    if (!length || there - sizeof length < length)
        return NULL;
    *size = length;
    partitions->at += sizeof length + length;
    return begin + sizeof length;
}

const char *history_partitions_next(struct history_partitions *partitions, size_t *size)
{
    uint32_t length = 0;
    const char *line = next_in_block(partitions, size);
    if (line)
        return line;
    if (!read_bytes(partitions, &length, sizeof length) || !length)
        return NULL;
    buffer_clear(&partitions->line);
    if (!read_bytes(partitions, buffer_extend(&partitions->line, length), length)) {
        errno = errno ? errno : EIO;
        return NULL;
    }
    partitions->line.size = *size = length;
    return partitions->line.data;
}
