#include "historyfile/block_readers.h"

#include <pthread.h>
#include <stdlib.h>

#include "memory/allocate.h"
#include "threads/start.h"

/* While each thread reads a block, the caller can give others and take one. */
enum { THREADS_MAX = 4, BLOCKS = 2 * THREADS_MAX };

struct history_block_readers {
    uint64_t seed;
    pthread_t threads[THREADS_MAX];
    size_t thread_count;
    struct history_read_block blocks[BLOCKS]; /* by their numbers, modulo BLOCKS */
    size_t given, taken;                      /* how many blocks; only the caller uses these */

    pthread_mutex_t lock; /* protects the following members */
    pthread_cond_t to_read, was_read;
    size_t waiting, begun; /* how many blocks were passed to the threads, and begun by them */
    bool is_done[BLOCKS];
    bool stop;
};

static void read_block(const struct history_block_readers *readers,
                       struct history_read_block *block)
{
    block->is_read = history_block_read(&block->block, block->section, block->bytes.data,
                                        readers->seed, block->hashes);
}

static void *run(void *user)
{
    struct history_block_readers *readers = user;
    pthread_mutex_lock(&readers->lock);
    for (;;) {
        while (!readers->stop && readers->begun == readers->waiting)
            pthread_cond_wait(&readers->to_read, &readers->lock);
        if (readers->stop)
            break;
        size_t number = readers->begun++ % BLOCKS;
        pthread_mutex_unlock(&readers->lock);
        read_block(readers, &readers->blocks[number]);
        pthread_mutex_lock(&readers->lock);
        readers->is_done[number] = true;
        pthread_cond_signal(&readers->was_read);
    }
    pthread_mutex_unlock(&readers->lock);
    return NULL;
}

struct history_block_readers *history_block_readers_new(uint64_t seed)
{
    struct history_block_readers *readers = memory_allocate(1, sizeof *readers);
    readers->seed = seed;
    pthread_mutex_init(&readers->lock, NULL);
    pthread_cond_init(&readers->to_read, NULL);
    pthread_cond_init(&readers->was_read, NULL);
    readers->thread_count = threads_start(readers->threads, THREADS_MAX, run, readers);
    return readers;
}

void history_block_readers_free(struct history_block_readers *readers)
{
    if (!readers)
        return;
    struct history_read_block *block;
    while ((block = history_block_readers_take(readers)))
        if (block->is_read)
            history_block_free(&block->block);
    pthread_mutex_lock(&readers->lock);
    readers->stop = true;
    pthread_cond_broadcast(&readers->to_read);
    pthread_mutex_unlock(&readers->lock);
    for (size_t i = 0; i < readers->thread_count; i++)
        pthread_join(readers->threads[i], NULL);
    for (size_t i = 0; i < BLOCKS; i++) {
        buffer_free(&readers->blocks[i].bytes);
        free(readers->blocks[i].hashes);
    }
    pthread_mutex_destroy(&readers->lock);
    pthread_cond_destroy(&readers->to_read);
    pthread_cond_destroy(&readers->was_read);
    free(readers);
}

bool history_block_readers_are_full(const struct history_block_readers *readers)
{
    return readers->given - readers->taken == BLOCKS;
}

void history_block_readers_give(struct history_block_readers *readers,
                                const struct history_section *section,
                                const struct history_input *input,
                                const struct history_lines_block *lines)
{
    const size_t number = readers->given++ % BLOCKS;
    struct history_read_block *block = &readers->blocks[number];
    block->section = section;
    block->block = (struct history_block){
        .input = input, .place = lines->place, .size = lines->size, .lines = lines->lines};
    block->number = lines->number;
    buffer_clear(&block->bytes);
    buffer_add(&block->bytes, lines->bytes, lines->size);
    if (block->capacity < lines->lines) {
        block->hashes = memory_resize(block->hashes, lines->lines, sizeof *block->hashes);
        block->capacity = lines->lines;
    }
    if (!readers->thread_count) {
        read_block(readers, block);
        return;
    }
    pthread_mutex_lock(&readers->lock);
    readers->is_done[number] = false;
    readers->waiting++;
    pthread_cond_signal(&readers->to_read);
    pthread_mutex_unlock(&readers->lock);
}

struct history_read_block *history_block_readers_take(struct history_block_readers *readers)
{
    if (readers->taken == readers->given)
        return NULL;
    const size_t number = readers->taken++ % BLOCKS;
    if (readers->thread_count) {
        pthread_mutex_lock(&readers->lock);
        while (!readers->is_done[number])
            pthread_cond_wait(&readers->was_read, &readers->lock);
        pthread_mutex_unlock(&readers->lock);
    }
    return &readers->blocks[number];
}
