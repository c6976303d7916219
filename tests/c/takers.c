/* The threads that take the bytes of large objects: in order, not in the caller's thread, and in bounded memory. */
#include "s3/takers.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "tap.h"

enum { JOBS = 20 };

#ifndef __SANITIZE_ADDRESS__
static bool may_not_start; /* a thread */

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *argument)
{
    int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    *(void **)&create = dlsym(RTLD_NEXT, "pthread_create");
    return may_not_start ? EAGAIN : create(thread, attributes, start, argument);
}
#endif

/* An object whose n-th byte is n modulo 251. */
struct object {
    struct s3_taker_job job;
    size_t added, taken;
    bool is_wrong, is_elsewhere, has_ended;
    pthread_t caller;
    pthread_mutex_t *gate; /* take() waits until it is unlocked; NULL: take() does not wait */
};

static void take(void *user, const void *data, size_t size)
{
    struct object *object = user;
    const unsigned char *bytes = data;
    if (object->gate) {
        pthread_mutex_lock(object->gate);
        pthread_mutex_unlock(object->gate);
    }
    for (size_t i = 0; i < size; i++)
        object->is_wrong |= bytes[i] != (object->taken + i) % 251;
    object->taken += size;
    object->is_elsewhere |= !pthread_equal(pthread_self(), object->caller);
    object->is_wrong |= object->has_ended;
}

static void end(void *user)
{
    struct object *object = user;
    object->has_ended = true;
}

static void init(struct object *object, pthread_mutex_t *gate)
{
    *object = (struct object){
        .job = {.take = take, .end = end, .user = object}, .caller = pthread_self(), .gate = gate};
}

static void add(struct s3_takers *takers, struct object *object, size_t size)
{
    static unsigned char bytes[251 * 1024];
    for (size_t i = bytes[250] ? sizeof bytes : 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i % 251);
    while (size) {
        size_t first = object->added % 251, room = sizeof bytes - first;
        size_t part = size < room ? size : room;
        s3_takers_add(takers, &object->job, bytes + first, part);
        object->added += part;
        size -= part;
    }
}

static void wait_for_end(struct http_pool *pool, struct object *object)
{
    while (!atomic_load(&object->job.has_ended))
        http_pool_step(pool, 10000);
}

static void test_order(struct http_pool *pool)
{
    struct s3_takers *takers = s3_takers_new(pool);
    struct object objects[JOBS];
    bool right = true;
    for (int i = 0; i < JOBS; i++)
        init(&objects[i], NULL);
    for (size_t round = 1; round <= 40; round++)
        for (int i = 0; i < JOBS; i++)
            add(takers, &objects[i], 1009 * round * (size_t)(i + 1));
    for (int i = 0; i < JOBS; i++)
        s3_takers_end(takers, &objects[i].job);
    for (int i = 0; i < JOBS; i++) {
        wait_for_end(pool, &objects[i]);
        s3_takers_drop(takers, &objects[i].job);
        right &= !objects[i].is_wrong && objects[i].taken == objects[i].added;
        right &= objects[i].is_elsewhere;
    }
    ok(right, "all bytes of all objects, in their order, on other threads");
    s3_takers_free(takers);
}

static void test_ends(struct http_pool *pool)
{
    struct s3_takers *takers = s3_takers_new(pool);
    struct object object;
    init(&object, NULL);
    s3_takers_end(takers, &object.job);
    wait_for_end(pool, &object);
    s3_takers_drop(takers, &object.job);
    ok(object.has_ended && !object.taken, "an object without a byte");

    init(&object, NULL);
    add(takers, &object, 100);
    s3_takers_wait(takers, &object.job);
    ok(object.taken == 100 && !object.has_ended, "a try that was cut off: its bytes are taken");
    add(takers, &object, 100);
    s3_takers_end(takers, &object.job);
    wait_for_end(pool, &object);
    s3_takers_drop(takers, &object.job);
    ok(object.taken == 200 && !object.is_wrong && object.has_ended, "the next try goes on");
    s3_takers_free(takers);
    s3_takers_free(NULL);
}

/* The caller's thread does the work if no other thread can be started. */
static void test_no_threads(struct http_pool *pool)
{
#ifndef __SANITIZE_ADDRESS__
    struct s3_takers *takers = s3_takers_new(pool);
    struct object object;
    may_not_start = true;
    init(&object, NULL);
    add(takers, &object, 3 * S3_TAKERS_MAX);
    s3_takers_end(takers, &object.job);
    wait_for_end(pool, &object);
    s3_takers_drop(takers, &object.job);
    ok(object.taken == object.added && !object.is_wrong && !object.is_elsewhere,
       "without threads: all bytes, in their order");
    s3_takers_free(takers);
    may_not_start = false;
#else
    (void)pool;
#endif
}

static void test_drop(struct http_pool *pool)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    struct s3_takers *takers = s3_takers_new(pool);
    struct object stopped, waiting[JOBS];
    init(&stopped, &gate);
    pthread_mutex_lock(&gate);
    for (int i = 0; i < JOBS; i++) {
        init(&waiting[i], &gate);
        add(takers, &waiting[i], 2 * S3_TAKERS_PIECE);
    }
    add(takers, &stopped, 3 * S3_TAKERS_PIECE + 1);
    s3_takers_end(takers, &stopped.job);
    pthread_mutex_unlock(&gate);
    s3_takers_drop(takers, &stopped.job);
    size_t taken = stopped.taken;
    for (int i = 0; i < JOBS; i++)
        s3_takers_wait(takers, &waiting[i].job);
    ok(stopped.taken == taken && (!stopped.has_ended || taken == stopped.added),
       "a dropped object: no byte comes later, and no end without all bytes");
    s3_takers_free(takers);
}

struct helper {
    pthread_mutex_t *gate;
    struct s3_takers *takers;
    atomic_size_t added;
    pthread_t thread;
};

static void *add_much(void *argument)
{
    struct helper *helper = argument;
    static const unsigned char zeros[S3_TAKERS_PIECE];
    struct object object;
    init(&object, helper->gate);
    for (int i = 0; i < 4 * S3_TAKERS_MAX / S3_TAKERS_PIECE; i++) {
        s3_takers_add(helper->takers, &object.job, zeros, sizeof zeros);
        atomic_fetch_add(&helper->added, sizeof zeros);
    }
    s3_takers_wait(helper->takers, &object.job);
    helper->added = object.taken;
    return NULL;
}

static void test_bound(struct http_pool *pool)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    struct helper helper = {.gate = &gate, .takers = s3_takers_new(pool)};
    struct timespec moment = {.tv_nsec = 20000000};
    size_t before, now = 0;
    pthread_mutex_lock(&gate);
    pthread_create(&helper.thread, NULL, add_much, &helper);
    do { /* until no more bytes are taken */
        before = now;
        nanosleep(&moment, NULL);
        now = helper.added;
    } while (now < S3_TAKERS_MAX / 2 || now != before);
    ok(now <= S3_TAKERS_MAX + 2 * S3_TAKERS_PIECE, "no more bytes wait than the bound allows: %zu",
       now);
    pthread_mutex_unlock(&gate);
    pthread_join(helper.thread, NULL);
    ok(helper.added == 4 * S3_TAKERS_MAX, "once there is room, all bytes are taken");
    s3_takers_free(helper.takers);
}

int main(void)
{
    struct buffer error = {0};
    struct http_pool *pool = http_pool_new(1, &error);
    if (!pool)
        return 1;
    test_order(pool);
    test_ends(pool);
    test_no_threads(pool);
    test_drop(pool);
    test_bound(pool);
    http_pool_free(pool);
    return done_testing();
}
