#include "update/channel.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "normalized/numbering.h"
#include "threads/condition.h"

enum {
    BLOCKS = 16, /* of 256 KiB each (text/output.c): enough while perl compiles or writes */
    NUMBERING_MEMORY = 4 * 1024 * 1024, /* bytes for each column; few columns have many values */
};

/* The lines of one call of channel_put().  A later call uses the same memory. */
struct slot {
    char *text;
    struct record *record;
    size_t size, capacity, records, record_capacity;
};

/* put and taken count the blocks since the beginning; the blocks between them are in the channel.  The writer
 * fills the block at `put`, and the reader reads the block at `taken`, without the lock: the other thread does
 * not touch it. */
struct channel {
    pthread_mutex_t lock;
    pthread_cond_t has_blocks, has_room;
    size_t put, taken;
    bool is_lent; /* the reader has the block at `taken` */
    bool has_ended, is_abandoned;
    bool reader_splits;          /* the reader splits the lines */
    struct numbering *numbering; /* the writer's; NULL once the reader splits the lines */
    struct slot slot[BLOCKS];
};

struct channel *channel_new(void)
{
    struct channel *channel = memory_allocate(1, sizeof *channel);
    channel->numbering = numbering_new(NUMBERING_MEMORY);
    pthread_mutex_init(&channel->lock, NULL);
    condition_init(&channel->has_blocks);
    condition_init(&channel->has_room);
    return channel;
}

/* Frees the blocks and the numbering, after the last line. */
static void free_blocks(struct channel *channel)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        free(channel->slot[i].text);
        free(channel->slot[i].record);
        channel->slot[i] = (struct slot){0};
    }
    numbering_free(channel->numbering);
    channel->numbering = NULL;
}

void channel_free(struct channel *channel)
{
    if (!channel)
        return;
    free_blocks(channel);
    pthread_cond_destroy(&channel->has_blocks);
    pthread_cond_destroy(&channel->has_room);
    pthread_mutex_destroy(&channel->lock);
    free(channel);
}

/* Copies lines. */
static void copy(struct slot *slot, const char *lines, size_t size)
{
    if (size > slot->capacity) {
        slot->text = memory_resize(slot->text, size, 1);
        slot->capacity = size;
    }
    if (size)
        memcpy(slot->text, lines, size);
    slot->size = size;
}

/* Splits and numbers the records among the lines. */
static void split(struct slot *slot, struct numbering *numbering)
{
    slot->records = 0;
    const char *line = slot->text, *end = slot->text + slot->size, *lf;
    for (; line < end && (lf = memchr(line, '\n', (size_t)(end - line))); line = lf + 1) {
        if (*line == '#')
            continue;
        slot->record =
            array_grow(slot->record, slot->records, &slot->record_capacity, sizeof *slot->record);
        struct record *record = &slot->record[slot->records];
        if (!record_split(record, line, (size_t)(lf - line) + 1))
            continue;
        numbering_add(numbering, record);
        slot->records++;
    }
}

/* Leaves the lines to the reader, and frees what the writer needs to split them. */
static void leave_lines(struct channel *channel, struct slot *slot)
{
    free(slot->record);
    slot->record = NULL;
    slot->records = slot->record_capacity = 0;
    numbering_free(channel->numbering);
    channel->numbering = NULL;
}

bool channel_put(struct channel *channel, const char *lines, size_t size)
{
    pthread_mutex_lock(&channel->lock);
    while (channel->put - channel->taken == BLOCKS && !channel->is_abandoned)
        pthread_cond_wait(&channel->has_room, &channel->lock);
    bool goes_on = !channel->is_abandoned, reader_splits = channel->reader_splits;
    struct slot *slot = &channel->slot[channel->put % BLOCKS];
    pthread_mutex_unlock(&channel->lock);
    if (!goes_on || !size)
        return goes_on;
    copy(slot, lines, size);
    if (reader_splits)
        leave_lines(channel, slot);
    else
        split(slot, channel->numbering);
    pthread_mutex_lock(&channel->lock);
    channel->put++;
    pthread_cond_signal(&channel->has_blocks);
    pthread_mutex_unlock(&channel->lock);
    return true;
}

void channel_end(struct channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    channel->has_ended = true;
    pthread_cond_signal(&channel->has_blocks);
    pthread_mutex_unlock(&channel->lock);
}

int channel_take(struct channel *channel, struct normalized_block *block, int wait_ms)
{
    const struct timespec until = condition_deadline(wait_ms);
    int error = 0;
    pthread_mutex_lock(&channel->lock);
    if (channel->is_lent) {
        channel->taken++;
        pthread_cond_signal(&channel->has_room);
    }
    while (channel->put == channel->taken && !channel->has_ended && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&channel->has_blocks, &channel->lock, &until);
    channel->is_lent = channel->put != channel->taken;
    bool has_ended = channel->has_ended;
    const struct slot *slot = &channel->slot[channel->taken % BLOCKS];
    pthread_mutex_unlock(&channel->lock);
    if (!channel->is_lent && has_ended)
        free_blocks(channel);
    if (!channel->is_lent)
        return has_ended ? 0 : -1;
    *block = (struct normalized_block){slot->text, slot->size, slot->record, slot->records};
    return 1;
}

void channel_take_lines(struct channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    channel->reader_splits = true;
    pthread_mutex_unlock(&channel->lock);
}

void channel_abandon(struct channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    channel->is_abandoned = true;
    pthread_cond_signal(&channel->has_room);
    pthread_mutex_unlock(&channel->lock);
}
