#include "s3/takers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "threads/start.h"

enum {
    THREADS_MAX = 8,
    WAITING_EACH = 512 * 1024 /* bytes for each thread at work; if more wait, another one wakes */
};

struct s3_taker_piece {
    struct s3_taker_piece *next;
    size_t size;
    unsigned char data[S3_TAKERS_PIECE];
};

struct s3_takers {
    struct http_pool *pool;
    pthread_t threads[THREADS_MAX];
    size_t thread_count; /* only the caller's thread uses this and was_started */
    bool was_started;
    pthread_mutex_t lock; /* of the members below, and of members of the jobs */
    pthread_cond_t has_work, was_done;
    struct s3_taker_job *first, **last; /* the queue: jobs with work that no thread works for */
    struct s3_taker_piece *spare;       /* empty pieces */
    size_t waiting;                     /* bytes of the pieces that wait or are being taken */
    unsigned idle;                      /* threads that wait for work */
    bool is_over;
};

/* ---- the threads ----------------------------------------------------------------------------- */

/* Gives back a piece that was taken or dropped.  The caller has the lock, as in all functions
 * before run(). */
static void put_back(struct s3_takers *takers, struct s3_taker_piece *piece)
{
    takers->waiting -= sizeof *piece;
    piece->next = takers->spare;
    takers->spare = piece;
}

/* Gives the job its next piece, or its end.  Releases the lock during the call of the job's
 * function. */
static void work(struct s3_takers *takers, struct s3_taker_job *job)
{
    struct s3_taker_piece *piece = job->first;
    if (piece) {
        job->first = piece->next;
        if (!job->first)
            job->last = &job->first;
    }
    pthread_mutex_unlock(&takers->lock);
    if (piece)
        job->take(job->user, piece->data, piece->size);
    else
        job->end(job->user);
    pthread_mutex_lock(&takers->lock);
    if (piece) {
        put_back(takers, piece);
        return;
    }
    job->is_ending = false;
    atomic_store(&job->has_ended, true);
    /* Under the lock: s3_takers_drop() waits for it, so the caller cannot free the pool before. */
    http_pool_wake(takers->pool);
}

static bool has_work(const struct s3_taker_job *job)
{
    return job->first || job->is_ending;
}

/* Takes all pieces of the job that wait, and ends the job if it is ending. */
static void work_for(struct s3_takers *takers, struct s3_taker_job *job)
{
    job->is_worked_on = true;
    while (has_work(job)) {
        work(takers, job);
        pthread_cond_broadcast(&takers->was_done);
    }
    job->is_worked_on = false;
    pthread_cond_broadcast(&takers->was_done);
}

static void *run(void *argument)
{
    struct s3_takers *takers = argument;
    pthread_mutex_lock(&takers->lock);
    while (!takers->is_over) {
        struct s3_taker_job *job = takers->first;
        if (!job) {
            takers->idle++;
            pthread_cond_wait(&takers->has_work, &takers->lock);
            takers->idle--;
            continue;
        }
        takers->first = job->next;
        if (!takers->first)
            takers->last = &takers->first;
        job->is_queued = false;
        work_for(takers, job);
    }
    pthread_mutex_unlock(&takers->lock);
    return NULL;
}

static void start_threads(struct s3_takers *takers)
{
    takers->was_started = true;
    takers->thread_count = threads_start(takers->threads, THREADS_MAX, run, takers);
}

/* ---- the caller's side ----------------------------------------------------------------------- */

struct s3_takers *s3_takers_new(struct http_pool *pool)
{
    struct s3_takers *takers = memory_allocate(1, sizeof *takers);
    takers->pool = pool;
    takers->last = &takers->first;
    pthread_mutex_init(&takers->lock, NULL);
    pthread_cond_init(&takers->has_work, NULL);
    pthread_cond_init(&takers->was_done, NULL);
    return takers;
}

/* Lets a thread work for the job.  The caller has the lock. */
static void queue(struct s3_takers *takers, struct s3_taker_job *job)
{
    if (!takers->thread_count) {
        work_for(takers, job);
        return;
    }
    if (!job->is_queued && !job->is_worked_on) {
        job->is_queued = true;
        job->next = NULL;
        *takers->last = job;
        takers->last = &job->next;
    }
    size_t at_work = takers->thread_count - takers->idle;
    if (takers->first && takers->idle && takers->waiting >= at_work * WAITING_EACH)
        pthread_cond_signal(&takers->has_work);
}

/* Adds the piece that is being filled to those that wait.  The caller has the lock. */
static void pass_on(struct s3_takers *takers, struct s3_taker_job *job)
{
    struct s3_taker_piece *piece = job->filling;
    job->filling = NULL;
    if (!job->last)
        job->last = &job->first;
    *job->last = piece;
    job->last = &piece->next;
    takers->waiting += sizeof *piece;
}

/* Returns an empty piece, after waiting until fewer than S3_TAKERS_MAX bytes wait. */
static struct s3_taker_piece *new_piece(struct s3_takers *takers)
{
    pthread_mutex_lock(&takers->lock);
    while (takers->waiting >= S3_TAKERS_MAX)
        pthread_cond_wait(&takers->was_done, &takers->lock);
    struct s3_taker_piece *piece = takers->spare;
    if (piece)
        takers->spare = piece->next;
    pthread_mutex_unlock(&takers->lock);
    if (!piece)
        piece = memory_resize(NULL, 1, sizeof *piece);
    piece->next = NULL;
    piece->size = 0;
    return piece;
}

void s3_takers_add(struct s3_takers *takers, struct s3_taker_job *job, const void *data,
                   size_t size)
{
    const unsigned char *bytes = data;
    if (!takers->was_started)
        start_threads(takers);
    while (size) {
        if (!job->filling)
            job->filling = new_piece(takers);
        struct s3_taker_piece *piece = job->filling;
        size_t room = sizeof piece->data - piece->size, part = size < room ? size : room;
        memcpy(piece->data + piece->size, bytes, part);
        piece->size += part;
        bytes += part;
        size -= part;
        if (piece->size < sizeof piece->data)
            continue;
        pthread_mutex_lock(&takers->lock);
        pass_on(takers, job);
        queue(takers, job);
        pthread_mutex_unlock(&takers->lock);
    }
}

void s3_takers_end(struct s3_takers *takers, struct s3_taker_job *job)
{
    pthread_mutex_lock(&takers->lock);
    atomic_store(&job->has_ended, false);
    if (job->filling)
        pass_on(takers, job);
    job->is_ending = true;
    queue(takers, job);
    pthread_mutex_unlock(&takers->lock);
}

/* Waits until no thread works for the job.  The caller has the lock. */
static void wait_for(struct s3_takers *takers, const struct s3_taker_job *job)
{
    while (job->is_queued || job->is_worked_on)
        pthread_cond_wait(&takers->was_done, &takers->lock);
}

void s3_takers_wait(struct s3_takers *takers, struct s3_taker_job *job)
{
    pthread_mutex_lock(&takers->lock);
    if (job->filling) {
        pass_on(takers, job);
        queue(takers, job);
    }
    wait_for(takers, job);
    pthread_mutex_unlock(&takers->lock);
}

void s3_takers_drop(struct s3_takers *takers, struct s3_taker_job *job)
{
    pthread_mutex_lock(&takers->lock);
    if (job->filling)
        pass_on(takers, job);
    while (job->first) {
        struct s3_taker_piece *piece = job->first;
        job->first = piece->next;
        put_back(takers, piece);
    }
    job->last = &job->first;
    job->is_ending = false;
    wait_for(takers, job);
    pthread_mutex_unlock(&takers->lock);
}

void s3_takers_free(struct s3_takers *takers)
{
    if (!takers)
        return;
    pthread_mutex_lock(&takers->lock);
    takers->is_over = true;
    pthread_cond_broadcast(&takers->has_work);
    pthread_mutex_unlock(&takers->lock);
    for (unsigned i = 0; i < takers->thread_count; i++)
        pthread_join(takers->threads[i], NULL);
    while (takers->spare) {
        struct s3_taker_piece *piece = takers->spare;
        takers->spare = piece->next;
        free(piece);
    }
    pthread_mutex_destroy(&takers->lock);
    pthread_cond_destroy(&takers->has_work);
    pthread_cond_destroy(&takers->was_done);
    free(takers);
}
