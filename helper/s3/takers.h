/* Threads that take the bytes of objects, so that the thread which drives the transfers does not wait for a
 * digest, an inflater or a file.
 *
 * Each object is a job.  The bytes that are added to it are copied, and a thread gives them to the job's take() in
 * their order, in pieces of 64 kB or what is left at the end.  One thread at a time works for a job.  At most
 * S3_TAKERS_MAX bytes wait in all; beyond this bound s3_takers_add() waits for the threads.  The threads start with the
 * first bytes.  If no thread can start, the thread of the caller does the work. */
#ifndef S3_TAKERS_H
#define S3_TAKERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "http/pool.h"

enum { S3_TAKERS_PIECE = 64 * 1024, S3_TAKERS_MAX = 8 * 1024 * 1024 };

struct s3_takers;
struct s3_taker_piece;

/* Zeroed at birth, but for take, end and user. */
struct s3_taker_job {
    void (*take)(void *user, const void *data, size_t size);
    void (*end)(void *user); /* after the last bytes */
    void *user;
    /* The takers' own: */
    struct s3_taker_piece *filling;       /* the caller's, until it is full */
    struct s3_taker_piece *first, **last; /* that wait; by the lock, as are the three flags */
    struct s3_taker_job *next;
    bool is_queued, is_worked_on, is_ending;
    atomic_bool has_ended; /* end() has returned */
};

/* POOL is woken when a job has ended.  The pool may be freed before the takers, once no job is busy. */
struct s3_takers *s3_takers_new(struct http_pool *pool);

void s3_takers_add(struct s3_takers *takers, struct s3_taker_job *job, const void *data,
                   size_t size);

/* All bytes were added: lets a thread take what is left, call end(), and set has_ended. */
void s3_takers_end(struct s3_takers *takers, struct s3_taker_job *job);

/* Forgets the bytes that have not been taken, and an end() that has not begun, and waits for what has. */
void s3_takers_drop(struct s3_takers *takers, struct s3_taker_job *job);

/* Waits until all bytes that were added have been taken. */
void s3_takers_wait(struct s3_takers *takers, struct s3_taker_job *job);

/* Ends the threads.  No job may be busy.  NULL is allowed. */
void s3_takers_free(struct s3_takers *takers);

#endif
