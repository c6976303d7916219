#include "update/channel.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "memory/allocate.h"

enum {
    SIZE = 4 * 1024 * 1024, /* the reader compiles and flushes meanwhile */
    WAKE = 64 * 1024,       /* a thread that waits is woken for this much, or at the end */
};

/* put and taken are sums since the beginning: the bytes between them are in the ring.  A thread copies
 * without the lock: the other one leaves its part of the ring alone. */
struct channel {
    pthread_mutex_t lock;
    pthread_cond_t has_bytes, has_room;
    size_t put, taken;
    bool has_ended, is_abandoned;
    char ring[SIZE];
};

struct channel *channel_new(void)
{
    struct channel *channel = memory_allocate(1, sizeof *channel);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&channel->lock, NULL);
    pthread_cond_init(&channel->has_bytes, &attributes);
    pthread_cond_init(&channel->has_room, &attributes);
    pthread_condattr_destroy(&attributes);
    return channel;
}

void channel_free(struct channel *channel)
{
    if (!channel)
        return;
    pthread_cond_destroy(&channel->has_bytes);
    pthread_cond_destroy(&channel->has_room);
    pthread_mutex_destroy(&channel->lock);
    free(channel);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Returns how many of COUNT bytes from a place on lie before the end of the ring. */
static size_t in_one_piece(size_t place, size_t count)
{
    return smaller(count, SIZE - place % SIZE);
}

bool channel_put(struct channel *channel, const char *data, size_t size)
{
    bool goes_on = true;
    while (size && goes_on) {
        pthread_mutex_lock(&channel->lock);
        while (channel->put - channel->taken == SIZE && !channel->is_abandoned)
            pthread_cond_wait(&channel->has_room, &channel->lock);
        size_t room = SIZE - (channel->put - channel->taken), place = channel->put;
        goes_on = !channel->is_abandoned;
        pthread_mutex_unlock(&channel->lock);
        size_t piece = in_one_piece(place, smaller(room, size));
        memcpy(channel->ring + place % SIZE, data, piece);
        data += piece;
        size -= piece;
        pthread_mutex_lock(&channel->lock);
        channel->put += piece;
        pthread_cond_signal(&channel->has_bytes);
        pthread_mutex_unlock(&channel->lock);
    }
    return goes_on;
}

void channel_end(struct channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    channel->has_ended = true;
    pthread_cond_signal(&channel->has_bytes);
    pthread_mutex_unlock(&channel->lock);
}

/* Returns the time that is WAIT_MS milliseconds from now. */
static struct timespec deadline(int wait_ms)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += wait_ms / 1000;
    time.tv_nsec += wait_ms % 1000 * 1000000L;
    time.tv_sec += time.tv_nsec / 1000000000L;
    time.tv_nsec %= 1000000000L;
    return time;
}

ssize_t channel_take(struct channel *channel, char *to, size_t room, int wait_ms)
{
    struct timespec until = deadline(wait_ms);
    int error = 0;
    pthread_mutex_lock(&channel->lock);
    while (channel->put == channel->taken && !channel->has_ended && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&channel->has_bytes, &channel->lock, &until);
    size_t count = channel->put - channel->taken, place = channel->taken;
    bool has_ended = channel->has_ended;
    pthread_mutex_unlock(&channel->lock);
    if (!count)
        return has_ended ? 0 : -1;
    size_t piece = in_one_piece(place, smaller(count, room));
    memcpy(to, channel->ring + place % SIZE, piece);
    pthread_mutex_lock(&channel->lock);
    channel->taken += piece;
    if (channel->put - channel->taken <= SIZE - WAKE)
        pthread_cond_signal(&channel->has_room);
    pthread_mutex_unlock(&channel->lock);
    return (ssize_t)piece;
}

void channel_abandon(struct channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    channel->is_abandoned = true;
    pthread_cond_signal(&channel->has_room);
    pthread_mutex_unlock(&channel->lock);
}
