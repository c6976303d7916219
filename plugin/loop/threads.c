#include "loop/threads.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "normalized/numbering.h"
#include "threads/condition.h"
#include "threads/start.h"

enum {
    BLOCKS = 8,             /* of each lane: enough while awstats.pl counts a record */
    BLOCK_SIZE = 256 << 10, /* bytes of lines; a longer line has a block of its own */
    NUMBERING_MEMORY =
        4 << 20, /* bytes for each column of all lanes; few columns have many values */
    NUMBERING_LEAST = 1 << 20, /* of one lane */
};

/* Lines of one lane. */
struct lane_block {
    char *text;
    size_t size, capacity;
    uint64_t *number; /* of each line's record in the log */
    size_t lines, number_capacity;
};

/* put and taken count the blocks since the beginning; the blocks between them are the thread's.  The caller fills the
 * block at `put` without the lock. */
struct lane_thread {
    struct threads *threads;
    struct lane *lane;
    unsigned number; /* of the lane */
    pthread_t thread;
    pthread_cond_t has_work; /* a block, or an answer */
    struct lane_block block[BLOCKS];
    struct lane_block *filled; /* the caller's; NULL: none */
    size_t put, taken;
    bool asks;
    size_t memory; /* of the lane's tables, as of the last block */

    /* The thread's own, and the caller's while it asks: */
    struct numbering *numbering;
    struct record *record; /* of the block that is counted */
    size_t records, record_capacity;
    struct asked asked;
    struct tally tally;
};

struct threads {
    pthread_mutex_t lock;
    pthread_cond_t has_news;
    bool is_news; /* since the last threads_wait() */
    bool is_ended;
    atomic_uint asking; /* how many threads ask */
    size_t counters_memory;
    unsigned count;
    struct lane_thread *of_lane;
};

/* ---- in a lane's thread ---- */

/* Waits for a block.  Returns NULL when the threads are to end. */
static const struct lane_block *take_block(struct lane_thread *own)
{
    struct threads *threads = own->threads;
    pthread_mutex_lock(&threads->lock);
    while (own->put == own->taken && !threads->is_ended)
        pthread_cond_wait(&own->has_work, &threads->lock);
    const struct lane_block *block = threads->is_ended ? NULL : &own->block[own->taken % BLOCKS];
    pthread_mutex_unlock(&threads->lock);
    return block;
}

/* Wakes the caller.  The lock is held. */
static void tell_news(struct threads *threads)
{
    threads->is_news = true;
    pthread_cond_signal(&threads->has_news);
}

static void end_block(struct lane_thread *own)
{
    const size_t memory = tables_memory(&own->lane->tables);
    pthread_mutex_lock(&own->threads->lock);
    own->taken++;
    own->memory = memory;
    tell_news(own->threads);
    pthread_mutex_unlock(&own->threads->lock);
}

/* Waits until the caller has answered.  Returns false when the threads are to end. */
static bool ask(struct lane_thread *own)
{
    struct threads *threads = own->threads;
    values_set_alone(own->lane->values, false);
    pthread_mutex_lock(&threads->lock);
    own->asks = true;
    threads->asking++;
    tell_news(threads);
    while (own->asks && !threads->is_ended)
        pthread_cond_wait(&own->has_work, &threads->lock);
    const bool goes_on = !threads->is_ended;
    pthread_mutex_unlock(&threads->lock);
    values_set_alone(own->lane->values, true);
    return goes_on;
}

/* Splits and numbers the records of a block. */
static void split(struct lane_thread *own, const struct lane_block *block)
{
    const char *line = block->text, *end = block->text + block->size, *lf;
    own->records = 0;
    for (; line < end && (lf = memchr(line, '\n', (size_t)(end - line))); line = lf + 1) {
        own->record =
            array_grow(own->record, own->records, &own->record_capacity, sizeof *own->record);
        struct record *record = &own->record[own->records];
        if (!record_split(record, line, (size_t)(lf - line) + 1))
            continue;
        numbering_add(own->numbering, record);
        own->records++;
    }
}

/* Counts the record of a line, if there is one and this is possible without perl.  NEXT: the records from it on. */
static bool count_alone(struct lane_thread *own, const struct record *next, size_t records)
{
    struct lane *lane = own->lane;
    struct tally_item item;
    if (!next)
        return false;
    if (lane_is_check_due(lane, next->size) &&
        lane_must_forget_values(lane, own->threads->counters_memory))
        return false;
    ahead_load(lane, next, records);
    if (lane_count(WITHOUT_PERL lane, next, &item) != LOOP_NATIVE)
        return false;
    tally_tell(&own->tally, &item);
    return true;
}

/* Counts the lines of a block.  Returns false when the threads are to end. */
static bool count_block(struct lane_thread *own, const struct lane_block *block)
{
    const char *line = block->text;
    size_t next = 0;
    unsigned questions = 0;
    for (size_t i = 0; i < block->lines; i++) {
        const char *end = block->text + block->size;
        const struct record *record =
            next < own->records && own->record[next].line == line ? &own->record[next] : NULL;
        const size_t size =
            record ? record->size
                   : (size_t)((const char *)memchr(line, '\n', (size_t)(end - line)) - line) + 1;
        own->lane->record = block->number[i];
        const bool is_counted = count_alone(own, record, own->records - next);
        next += record != NULL;
        if (!is_counted) {
            own->asked = (struct asked){.lane = own->number,
                                        .question = ++questions,
                                        .line = line,
                                        .size = size,
                                        .record = record,
                                        .later = own->record + next,
                                        .laters = own->records - next};
            if (!ask(own))
                return false;
        }
        line += size;
    }
    return true;
}

static void *run(void *argument)
{
    struct lane_thread *own = argument;
    const struct lane_block *block;
    while ((block = take_block(own))) {
        split(own, block);
        values_set_alone(own->lane->values, true);
        if (!count_block(own, block))
            return NULL;
        values_set_alone(own->lane->values, false);
        end_block(own);
    }
    return NULL;
}

/* ---- start and end ---- */

static void end_threads(struct threads *threads)
{
    pthread_mutex_lock(&threads->lock);
    threads->is_ended = true;
    for (unsigned i = 0; i < threads->count; i++)
        pthread_cond_signal(&threads->of_lane[i].has_work);
    pthread_mutex_unlock(&threads->lock);
    for (unsigned i = 0; i < threads->count; i++)
        pthread_join(threads->of_lane[i].thread, NULL);
}

static void free_lane(struct lane_thread *of)
{
    for (unsigned i = 0; i < BLOCKS; i++) {
        free(of->block[i].text);
        free(of->block[i].number);
    }
    values_set_alone(of->lane->values, false);
    numbering_free(of->numbering);
    free(of->record);
    tally_free(&of->tally);
    pthread_cond_destroy(&of->has_work);
}

void threads_free(struct threads *threads)
{
    if (!threads)
        return;
    end_threads(threads);
    for (unsigned i = 0; i < threads->count; i++)
        free_lane(&threads->of_lane[i]);
    pthread_cond_destroy(&threads->has_news);
    pthread_mutex_destroy(&threads->lock);
    free(threads->of_lane);
    free(threads);
}

/* Starts the thread of a lane.  MEMORY: of its numbering, bytes for each column. */
static bool start(struct threads *threads, struct lane *lane, size_t memory)
{
    struct lane_thread *of = &threads->of_lane[threads->count];
    *of = (struct lane_thread){.threads = threads, .lane = lane, .number = threads->count};
    of->numbering = numbering_new(memory);
    tally_init(&of->tally, 0, lane->tables.seed);
    condition_init(&of->has_work);
    if (thread_start(&of->thread, run, of) != 0) {
        free_lane(of);
        return false;
    }
    threads->count++;
    return true;
}

struct threads *threads_new(struct lane *lanes, unsigned count, size_t memory)
{
    struct threads *threads = memory_allocate(1, sizeof *threads);
    threads->counters_memory = memory;
    threads->of_lane = memory_allocate(count, sizeof *threads->of_lane);
    pthread_mutex_init(&threads->lock, NULL);
    condition_init(&threads->has_news);
    const size_t share = NUMBERING_MEMORY / count;
    for (unsigned i = 0; i < count; i++) {
        if (start(threads, &lanes[i], share > NUMBERING_LEAST ? share : NUMBERING_LEAST))
            continue;
        threads_free(threads);
        return NULL;
    }
    return threads;
}

/* ---- lines ---- */

/* Lets the thread have the block that was filled, if there is one. */
static void publish(struct lane_thread *of)
{
    if (!of->filled)
        return;
    of->filled = NULL;
    pthread_mutex_lock(&of->threads->lock);
    of->put++;
    pthread_cond_signal(&of->has_work);
    pthread_mutex_unlock(&of->threads->lock);
}

void threads_publish(struct threads *threads)
{
    for (unsigned i = 0; i < threads->count; i++)
        publish(&threads->of_lane[i]);
}

bool threads_have_room(struct threads *threads, unsigned lane, size_t size)
{
    struct lane_thread *of = &threads->of_lane[lane];
    if (of->filled && of->filled->size + size > BLOCK_SIZE)
        publish(of);
    if (of->filled)
        return true;
    pthread_mutex_lock(&threads->lock);
    const bool has_room = of->put - of->taken < BLOCKS;
    pthread_mutex_unlock(&threads->lock);
    if (!has_room)
        return false;
    of->filled = &of->block[of->put % BLOCKS];
    of->filled->size = of->filled->lines = 0;
    return true;
}

void threads_put(struct threads *threads, unsigned lane, const char *line, size_t size,
                 uint64_t record)
{
    struct lane_block *block = threads->of_lane[lane].filled;
    if (block->size + size > block->capacity) {
        block->capacity = block->size + size > BLOCK_SIZE ? block->size + size : BLOCK_SIZE;
        block->text = memory_resize(block->text, block->capacity, 1);
    }
    memcpy(block->text + block->size, line, size);
    block->size += size;
    block->number =
        array_grow(block->number, block->lines, &block->number_capacity, sizeof *block->number);
    block->number[block->lines++] = record;
}

/* ---- what the threads do ---- */

bool threads_are_busy(struct threads *threads)
{
    bool are_busy = false;
    pthread_mutex_lock(&threads->lock);
    for (unsigned i = 0; i < threads->count; i++) {
        const struct lane_thread *of = &threads->of_lane[i];
        are_busy = are_busy || of->filled || of->put != of->taken;
    }
    pthread_mutex_unlock(&threads->lock);
    return are_busy;
}

bool threads_are_still(struct threads *threads)
{
    bool are_still = true;
    pthread_mutex_lock(&threads->lock);
    for (unsigned i = 0; i < threads->count; i++) {
        const struct lane_thread *of = &threads->of_lane[i];
        are_still = are_still && (of->asks || of->put == of->taken);
    }
    pthread_mutex_unlock(&threads->lock);
    return are_still;
}

bool threads_asked(struct threads *threads, struct asked *asked)
{
    if (atomic_load_explicit(&threads->asking, memory_order_relaxed) == 0)
        return false;
    bool is_asked = false;
    pthread_mutex_lock(&threads->lock);
    for (unsigned i = 0; i < threads->count && !is_asked; i++) {
        is_asked = threads->of_lane[i].asks;
        if (is_asked)
            *asked = threads->of_lane[i].asked;
    }
    pthread_mutex_unlock(&threads->lock);
    return is_asked;
}

void threads_answer(struct threads *threads, unsigned lane, const struct tally_item *item)
{
    struct lane_thread *of = &threads->of_lane[lane];
    if (item)
        tally_tell(&of->tally, item);
    pthread_mutex_lock(&threads->lock);
    of->asks = false;
    threads->asking--;
    pthread_cond_signal(&of->has_work);
    pthread_mutex_unlock(&threads->lock);
}

void threads_wait(struct threads *threads, int wait_ms)
{
    const struct timespec until = condition_deadline(wait_ms);
    int error = 0;
    pthread_mutex_lock(&threads->lock);
    while (!threads->is_news && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&threads->has_news, &threads->lock, &until);
    threads->is_news = false;
    pthread_mutex_unlock(&threads->lock);
}

size_t threads_memory(struct threads *threads)
{
    size_t memory = 0;
    pthread_mutex_lock(&threads->lock);
    for (unsigned i = 0; i < threads->count; i++)
        memory += threads->of_lane[i].memory;
    pthread_mutex_unlock(&threads->lock);
    return memory;
}

void threads_forget_memory(struct threads *threads)
{
    pthread_mutex_lock(&threads->lock);
    for (unsigned i = 0; i < threads->count; i++)
        threads->of_lane[i].memory = 0;
    pthread_mutex_unlock(&threads->lock);
}

void threads_tell(struct threads *threads, struct tally *tally)
{
    for (unsigned i = 0; i < threads->count; i++)
        tally_add(tally, &threads->of_lane[i].tally);
}
