/* Threads that take the bytes of objects, so that the thread which drives the transfers does not
 * wait for a digest, an inflater or a file.
 *
 * Each object is a job.  s3_takers_add() copies bytes, and a thread gives them to the job's take()
 * in their order, in pieces of S3_TAKERS_PIECE bytes; the last one may be smaller.  One thread at a
 * time works for a job.  At most S3_TAKERS_MAX bytes wait in all; at this bound s3_takers_add()
 * waits for the threads.  The threads start with the first bytes.  If no thread can start, the
 * caller's thread does the work. */
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
    struct s3_taker_piece *filling; /* only the caller's thread uses this one, until it is full */
    /* Under the lock of the takers: */
    struct s3_taker_piece *first, **last; /* the pieces that wait */
    struct s3_taker_job *next;            /* in the queue */
    bool is_queued, is_worked_on;
    bool is_ending; /* end() is to be called */
    /* Without the lock: */
    atomic_bool has_ended; /* end() has returned */
};

/* Makes takers that wake POOL when a job has ended.  The pool may be freed before the takers, once
 * no job has work. */
struct s3_takers *s3_takers_new(struct http_pool *pool);

/* Adds bytes to a job.  One thread, the caller's, calls this and the functions below. */
void s3_takers_add(struct s3_takers *takers, struct s3_taker_job *job, const void *data,
                   size_t size);

/* Ends a job to which all bytes were added: a thread takes the rest, calls end(), and sets
 * has_ended. */
void s3_takers_end(struct s3_takers *takers, struct s3_taker_job *job);

/* Drops the bytes that no thread has begun to take, and an end() that has not begun.  Waits for the
 * thread that works for the job. */
void s3_takers_drop(struct s3_takers *takers, struct s3_taker_job *job);

/* Waits until all bytes that were added have been taken. */
void s3_takers_wait(struct s3_takers *takers, struct s3_taker_job *job);

/* Ends the threads.  No job may have work.  NULL is allowed. */
void s3_takers_free(struct s3_takers *takers);

#endif
