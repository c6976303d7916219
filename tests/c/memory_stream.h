/* A normalized log in memory, as a stream, for tests of the feed. */
#ifndef MEMORY_STREAM_H
#define MEMORY_STREAM_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "normalized/stream.h"

/* A stream in memory.  Its blocks end with the lines that contain some chosen bytes.  Before each block, it once has
 * nothing to read. */
struct memory {
    const char *bytes;
    size_t size, at;
    const size_t *cut;
    size_t cuts, next;
    bool has_waited;
    char *text; /* of the block, in memory of just its size */
    struct record record[200];
};

/* Returns the end of the line that contains the byte before PLACE. */
static size_t end_of_line(const struct memory *memory, size_t place)
{
    const char *lf = memchr(memory->bytes + place - 1, '\n', memory->size - place + 1);
    return lf ? (size_t)(lf + 1 - memory->bytes) : memory->size;
}

/* Splits the records of the block. */
static size_t split_memory(struct memory *memory, size_t size)
{
    size_t records = 0;
    const char *line = memory->text, *end = line + size, *lf;
    for (; line < end && (lf = memchr(line, '\n', (size_t)(end - line))); line = lf + 1)
        if (records < sizeof memory->record / sizeof *memory->record)
            records += record_split(&memory->record[records], line, (size_t)(lf - line) + 1);
    return records;
}

static int next_of_memory(void *user, struct normalized_block *block, int wait_ms)
{
    struct memory *memory = user;
    memory->has_waited = !memory->has_waited;
    if (memory->has_waited && wait_ms > 0)
        return -1;
    free(memory->text);
    memory->text = NULL;
    while (memory->next < memory->cuts && memory->cut[memory->next] <= memory->at)
        memory->next++;
    if (memory->at == memory->size)
        return 0;
    size_t end =
        memory->next < memory->cuts ? end_of_line(memory, memory->cut[memory->next]) : memory->size;
    size_t size = end - memory->at;
    memory->text = malloc(size);
    memcpy(memory->text, memory->bytes + memory->at, size);
    memory->at = end;
    *block =
        (struct normalized_block){memory->text, size, memory->record, split_memory(memory, size)};
    return 1;
}

#endif
