/* A normalized log in memory, as a stream, for tests of the feed. */
#ifndef MEMORY_STREAM_H
#define MEMORY_STREAM_H

#include <stdbool.h>
#include <string.h>

#include "normalized/stream.h"

/* A stream in memory, whose reads end at some of its bytes, and find nothing before each. */
struct memory {
    const char *bytes;
    size_t size, at;
    const size_t *cut;
    size_t cuts, next;
    bool has_waited;
};

static ssize_t read_memory(void *user, char *to, size_t room, int wait_ms)
{
    struct memory *memory = user;
    memory->has_waited = !memory->has_waited;
    if (memory->has_waited && wait_ms > 0)
        return -1;
    while (memory->next < memory->cuts && memory->cut[memory->next] <= memory->at)
        memory->next++;
    size_t end = memory->next < memory->cuts ? memory->cut[memory->next] : memory->size;
    size_t size = end - memory->at < room ? end - memory->at : room;
    memcpy(to, memory->bytes + memory->at, size);
    memory->at += size;
    return (ssize_t)size;
}

#endif
