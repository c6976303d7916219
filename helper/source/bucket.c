/* The source in S3: a thread transfers the objects, in their order, ahead of the threads that take
 * them with source_next().
 *
 * Threads.  connect(), list() and remove() run in the caller's thread, one after the other, and
 * step the pool themselves.  The first next() starts the transfer thread, run_transfers().  From
 * then on, only this thread starts requests and steps the pool, and all callbacks of a request
 * (begin, take, end, done) run in it, except take() and end() of a large object: threads of
 * s3/takers.h call these, which write the file and compute the MD5.  Any number of threads may call
 * next().  remove() and close() first join the transfer thread, and then the caller's thread uses
 * the pool again.  Several sources (source/several.c) are read one after the other, so only one of
 * them transfers at a time.
 *
 * A download.  start() makes one for an object and gives it to the pool; while it is under way,
 * only the transfer thread uses it.  done() appends it to the queue of waiting downloads, or frees
 * it when it failed.  next() takes it from the queue; the caller of next() then owns and releases
 * the body.  close() frees the downloads that are still in the queue.
 *
 * Bounds.  A small object is transferred into memory, a larger one (IN_MEMORY_MAX) into an unnamed
 * temporary file.  HELD_MAX bounds the bytes in memory of all downloads under way or waiting; the
 * body that a caller of next() reads is not among them, so a run holds at most HELD_MAX plus one
 * object of IN_MEMORY_MAX for each reader.  ON_DISK_MAX bounds the bytes of the temporary files in
 * the same way; an object that is larger than the bound is transferred alone.  WAITING_MAX bounds
 * the number of waiting downloads, and with it the open files.  The pool bounds those under way.
 * At a bound no new transfer starts until next() takes a download and wakes the pool.
 *
 * The cache (source/object_cache.h).  In an update of several sites, an object that another site
 * has fetched comes from the cache, and takes its place in the queue without a transfer.  While
 * another site fetches the next object, no new transfer starts.
 *
 * The lock guards the data that the transfer thread and the callers of next() share
 * (source/bucket.h).  A thread holds it for a few assignments, never while it steps a request or
 * writes a file.  The condition variable `changed` wakes callers of next() when a download was
 * appended, when an object failed, and when the transfer thread has ended.
 *
 * A stop.  give_up is set by done() after too many failures, by start_objects() when a transfer
 * cannot start, and by bucket_join(), when the caller wants no more.  The transfer thread reads it
 * before it steps the pool again (after IDLE_MS at the latest, at once when the pool is woken),
 * sets `ended` and returns. For each failure that was printed (untold), one call of next() returns
 * -1; after these, calls return 0. Requests that are under way then end when the pool is freed:
 * their done() is called with S3_STOPPED. */
#include "source/bucket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/temporary.h"
#include "files/write_all.h"
#include "memory/allocate.h"
#include "s3/etag.h"
#include "source/object_cache.h"
#include "source/source.h"
#include "source/still_listed.h"
#include "text/message.h"
#include "threads/error.h"
#include "threads/start.h"

enum {
    IN_MEMORY_MAX = OBJECT_CACHE_OBJECT_MAX, /* bytes of an object; a larger one goes to a file */
    HELD_MAX = 32 * 1024 * 1024,             /* bytes in memory, under way and waiting */
    ON_DISK_MAX = 1024 * 1024 * 1024,        /* bytes in temporary files, under way and waiting */
    WAITING_MAX = 256,                       /* downloads waiting */
    IDLE_MS = 1000
};

/* One object under way, or waiting to be taken. */
struct download {
    struct s3_request request;
    struct bucket_state *state;
    struct body body;
    struct download *next;
};

/* Adds the bytes of an object to those that downloads hold; with SIGN -1, subtracts them.  The
 * caller has the lock. */
static void add_held(struct bucket_state *state, const struct source_object *object, int sign)
{
    uint64_t *bytes = object->size <= IN_MEMORY_MAX ? &state->held : &state->on_disk;
    *bytes = sign > 0 ? *bytes + object->size : *bytes - object->size;
}

/* Returns whether the bounds allow one more object.  The caller has the lock. */
static bool may_hold(const struct bucket_state *state, const struct source_object *object)
{
    if (object->size <= IN_MEMORY_MAX)
        return !state->held || state->held + object->size <= HELD_MAX;
    return !state->on_disk || state->on_disk + object->size <= ON_DISK_MAX;
}

static void free_download(struct download *download)
{
    body_release(&download->body);
    free(download);
}

static enum s3_taken begin(struct s3_request *request)
{
    struct download *download = request->user;
    struct body *body = &download->body;
    body->size = 0;
    if (body->fd < 0 || (lseek(body->fd, 0, SEEK_SET) == 0 && ftruncate(body->fd, 0) == 0))
        return S3_TAKEN;
    message_error("%s: %s", temporary_directory(), strerror(errno));
    return S3_STOP;
}

static enum s3_taken take(struct s3_request *request, const void *data, size_t size,
                          const char **error)
{
    (void)error;
    struct download *download = request->user;
    struct body *body = &download->body;
    if (body->data) {
        memcpy(body->data + body->size, data, size);
        body->size += size;
        return S3_TAKEN;
    }
    if (write_all(body->fd, data, size))
        return S3_TAKEN;
    message_error("%s: %s; set TMPDIR to a directory with room for large objects",
                  temporary_directory(), strerror(errno));
    return S3_STOP;
}

static enum s3_taken end(struct s3_request *request, const char **error)
{
    (void)error;
    struct download *download = request->user;
    if (download->body.fd < 0 || lseek(download->body.fd, 0, SEEK_SET) == 0)
        return S3_TAKEN;
    message_error("%s: %s", temporary_directory(), strerror(errno));
    return S3_STOP;
}

/* Replaces the bytes of the body by the reason why the object cannot be read. */
static void put_reason(struct body *body, const struct s3_outcome *outcome)
{
    size_t object = body->object;
    body_release(body);
    body->object = object;
    body->reason = outcome->reason == S3_GONE       ? SOURCE_GONE
                   : outcome->reason == S3_CHANGED  ? SOURCE_CHANGED
                   : outcome->reason == S3_ARCHIVED ? SOURCE_UNREADABLE
                   : outcome->reason == S3_CORRUPT  ? SOURCE_CORRUPT
                   : outcome->reason == S3_UNSENT   ? SOURCE_UNSENT
                                                    : SOURCE_FORBIDDEN;
    body->error = memory_copy_text(outcome->error);
}

/* Gives the cache the bytes of an object in memory, or leaves the object to other sites. */
static void tell_cache(const struct download *download, const struct s3_outcome *outcome)
{
    const struct bucket_state *state = download->state;
    const struct source_object *object = &state->objects[download->body.object];
    if (outcome->result == S3_DONE && s3_etag_is_equal(outcome->etag, object->tag))
        object_cache_keep(state->cache, state->bucket.uri.bucket, object, download->body.data);
    else
        object_cache_release(state->cache, state->bucket.uri.bucket, object);
}

/* Appends a download to the queue.  The caller has the lock. */
static void append(struct bucket_state *state, struct download *download)
{
    *state->last = download;
    state->last = &download->next;
    state->waiting++;
}

static void done(struct s3_request *request, const struct s3_outcome *outcome)
{
    struct download *download = request->user;
    struct bucket_state *state = download->state;
    const struct source_object *object = &state->objects[download->body.object];
    state->under_way--;
    bool is_refused = state->source->is_tolerant && outcome->reason != S3_NO_REASON;
    if (download->body.data)
        tell_cache(download, outcome);
    if (is_refused)
        put_reason(&download->body, outcome);
    pthread_mutex_lock(&state->lock);
    if (outcome->result == S3_DONE || is_refused) {
        append(state, download);
        download = NULL;
        state->failures.succeeded |= !is_refused;
    } else if (!state->give_up) {
        state->untold++;
        state->give_up =
            s3_failures_add(&state->failures, state->source->names[download->body.object], outcome);
    }
    if (download)
        add_held(state, object, -1);
    pthread_cond_broadcast(&state->changed);
    pthread_mutex_unlock(&state->lock);
    if (download)
        free_download(download);
}

/* What happens with the next object. */
enum start { IS_TO_BE_FETCHED, IS_CACHED, IS_AWAITED, CANNOT_START };

/* Gives the download room for the bytes of its object, or the bytes from the cache. */
static enum start prepare(struct download *download, const struct source_object *object)
{
    static const enum start starts[] = {[OBJECT_CACHE_HAS_NONE] = IS_TO_BE_FETCHED,
                                        [OBJECT_CACHE_HAS_IT] = IS_CACHED,
                                        [OBJECT_CACHE_AWAITS_IT] = IS_AWAITED};
    const struct bucket_state *state = download->state;
    struct body *body = &download->body;
    if (object->size <= IN_MEMORY_MAX) {
        body->data = memory_resize(NULL, (size_t)object->size + 1, 1);
        return starts[object_cache_find(state->cache, state->bucket.uri.bucket, object,
                                        body->data)];
    }
    body->fd = temporary_open(temporary_directory());
    if (body->fd >= 0)
        return IS_TO_BE_FETCHED;
    message_error("%s: %s; set TMPDIR to a directory with room for large objects",
                  temporary_directory(), strerror(errno));
    return CANNOT_START;
}

/* Starts the transfer of the next object, or appends it from the cache.  Prints the error of
 * CANNOT_START. */
static enum start start(struct bucket_state *state)
{
    size_t number = state->started;
    const struct source_object *object = &state->objects[number];
    struct download *download = memory_allocate(1, sizeof *download);
    download->state = state;
    download->body = (struct body){.object = number, .fd = -1};
    enum start start = prepare(download, object);
    if (start == IS_AWAITED || start == CANNOT_START) {
        free_download(download);
        return start;
    }
    state->started++;
    pthread_mutex_lock(&state->lock);
    add_held(state, object, 1);
    if (start == IS_CACHED) {
        download->body.size = (size_t)object->size;
        append(state, download);
        pthread_cond_broadcast(&state->changed);
    }
    pthread_mutex_unlock(&state->lock);
    if (start == IS_CACHED)
        return start;
    download->request = (struct s3_request){
        .key = object->key,
        .size = object->size,
        .if_match = state->source->is_tolerant && *object->tag ? object->tag : NULL,
        .resumes = object->size > IN_MEMORY_MAX,
        .takers = object->size > IN_MEMORY_MAX ? state->takers : NULL,
        .user = download,
        .begin = begin,
        .take = take,
        .end = end,
        .done = done};
    state->under_way++;
    s3_request_start(&download->request, &state->bucket, state->pool);
    return start;
}

/* Returns whether the next object may start now. */
static bool may_start(struct bucket_state *state)
{
    if (state->started == state->source->count || !http_pool_has_room(state->pool))
        return false;
    pthread_mutex_lock(&state->lock);
    bool may = !state->give_up && state->waiting < WAITING_MAX &&
               may_hold(state, &state->objects[state->started]);
    pthread_mutex_unlock(&state->lock);
    return may;
}

static bool is_over(struct bucket_state *state)
{
    pthread_mutex_lock(&state->lock);
    bool over = state->give_up || (state->started == state->source->count && !state->under_way);
    pthread_mutex_unlock(&state->lock);
    return over;
}

/* Starts the objects that may start now.  Sets *WAIT_MS to the milliseconds that the pool may wait
 * before the next call. */
static void start_objects(struct bucket_state *state, int *wait_ms)
{
    enum start last = IS_TO_BE_FETCHED;
    while ((last == IS_TO_BE_FETCHED || last == IS_CACHED) && may_start(state))
        last = start(state);
    *wait_ms = last == IS_AWAITED ? OBJECT_CACHE_POLL_MS : IDLE_MS;
    if (last != CANNOT_START)
        return;
    pthread_mutex_lock(&state->lock);
    state->give_up = true;
    state->untold++;
    pthread_mutex_unlock(&state->lock);
}

static void *run_transfers(void *argument)
{
    struct bucket_state *state = argument;
    int wait_ms;
    state->takers = s3_takers_new(state->pool);
    while (start_objects(state, &wait_ms), !is_over(state))
        http_pool_step(state->pool, wait_ms);
    if (!state->under_way) {
        s3_takers_free(state->takers);
        state->takers = NULL;
    }
    pthread_mutex_lock(&state->lock);
    if (!state->source->is_tolerant && !state->under_way) {
        http_pool_free(state->pool); /* no clean-up follows; the next source has its own pool */
        state->pool = NULL;
    }
    state->ended = true;
    pthread_cond_broadcast(&state->changed);
    pthread_mutex_unlock(&state->lock);
    return NULL;
}

/* Starts the transfer thread.  The caller has the lock. */
static void start_thread(struct bucket_state *state)
{
    int number = thread_start(&state->thread, run_transfers, state);
    state->has_thread = state->was_started = true;
    if (!number)
        return;
    message_error("s3://%s: %s", state->bucket.uri.bucket, thread_error(number));
    state->has_thread = false;
    state->give_up = state->ended = true;
    state->untold++;
}

static int next_object(struct source *source, struct body *body)
{
    struct bucket_state *state = source->state;
    struct download *download = NULL;
    int result = 0;
    *body = (struct body){.fd = -1};
    pthread_mutex_lock(&state->lock);
    if (!state->was_started)
        start_thread(state);
    while (!state->first && !state->untold && !state->ended)
        pthread_cond_wait(&state->changed, &state->lock);
    if (state->untold) {
        state->untold--;
        result = -1;
    } else if (state->first && !state->give_up) {
        download = state->first;
        state->first = download->next;
        if (!state->first)
            state->last = &state->first;
        state->waiting--;
        add_held(state, &state->objects[download->body.object], -1);
        result = 1;
        if (state->pool)
            http_pool_wake(state->pool);
    }
    pthread_mutex_unlock(&state->lock);
    if (download) {
        *body = download->body;
        free(download);
    }
    return result;
}

void bucket_join(struct bucket_state *state)
{
    if (!state->has_thread)
        return;
    pthread_mutex_lock(&state->lock);
    state->give_up = true;
    if (state->pool)
        http_pool_wake(state->pool);
    pthread_mutex_unlock(&state->lock);
    pthread_join(state->thread, NULL);
    state->has_thread = false;
}

static void free_state(struct bucket_state *state)
{
    http_pool_free(state->pool);
    s3_takers_free(state->takers);
    while (state->first) {
        struct download *download = state->first;
        state->first = download->next;
        free_download(download);
    }
    struct buffer warning = {0};
    if (s3_bucket_explain_region(&state->bucket, &warning))
        message_warning("%s", warning.data);
    buffer_free(&warning);
    s3_bucket_close(&state->bucket);
    s3_bucket_close(&state->target);
    pthread_mutex_destroy(&state->lock);
    pthread_cond_destroy(&state->changed);
    free(state);
}

static void close_bucket(struct source *source)
{
    bucket_join(source->state);
    free_state(source->state);
}

static void put_name(const struct source *source, const char *key, struct buffer *name)
{
    const struct bucket_state *state = source->state;
    buffer_printf(name, "s3://%s/%s", state->bucket.uri.bucket, key);
}

static void add_regions(const struct source *source, struct buffer *lines)
{
    const struct bucket_state *state = source->state;
    s3_bucket_add_known_region(&state->bucket, lines);
}

static int expect(struct source *source, const struct source_object *objects, struct buffer *error)
{
    struct bucket_state *state = source->state;
    (void)error;
    state->objects = objects;
    return 0;
}

static int connect_bucket(struct source *source, const char *uri, const struct site *site,
                          unsigned transfers, struct buffer *error)
{
    struct bucket_state *state = memory_allocate(1, sizeof *state);
    pthread_mutex_init(&state->lock, NULL);
    pthread_cond_init(&state->changed, NULL);
    state->source = source;
    state->last = &state->first;
    state->cache = site->cache;
    const struct s3_access access = site_access(site);
    if (s3_bucket_open(&state->bucket, uri, &access, error) == 0)
        state->pool = s3_bucket_pool(&state->bucket, transfers, error);
    if (!state->pool) {
        free_state(state);
        return -1;
    }
    source->state = state;
    return 0;
}

const struct source_kind source_kind_bucket = {
    .connect = connect_bucket,
    .list = bucket_list,
    .expect = expect,
    .next = next_object,
    .add_regions = add_regions,
    .still_lists = bucket_contradicts_list,
    .name = put_name,
    .remove = bucket_remove,
    .close = close_bucket,
};
