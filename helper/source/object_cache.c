/* The lock guards the index.  A process holds the lock for a few assignments, never while it reads
 * or writes the file. A process that is killed may leave the lock locked; then the next process
 * takes it (a robust mutex).  The index is usable at any such instant, because a reader trusts an
 * entry only if the file has the object's name before the bytes. */
#include "source/object_cache.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "config/sources.h"
#include "files/read_at.h"
#include "files/temporary.h"
#include "memory/allocate.h"
#include "memory/hash.h"
#include "s3/etag.h"
#include "s3/uri.h"
#include "source/key_filter.h"
#include "text/buffer.h"
#include "text/time.h"

enum { HEADS = 64 * 1024 }; /* lists of objects, chosen by the hash */

/* An object that a process fetches, or the cache keeps; else any process may fetch it. */
struct cached {
    uint64_t hash;    /* of the object's name */
    uint64_t offset;  /* is_kept: of the object's name in the file; the bytes come after the name */
    pid_t fetched_by; /* 0: no process fetches it */
    bool is_kept;
    uint32_t next; /* the number of the next object of the list, from 1; 0: none */
};

/* The memory that the processes share. */
struct index {
    pthread_mutex_t lock;
    uint64_t seed;
    uint64_t size;  /* bytes of the file that are in use */
    uint32_t sites; /* sites that have not ended */
    uint32_t count; /* objects */
    bool is_full;   /* the cache keeps no further object */
    uint32_t head[HEADS];
    struct cached object[OBJECT_CACHE_COUNT_MAX];
};

struct object_cache {
    struct index *index;
    int fd;
    const struct site **sites; /* all sites of the cache */
    size_t site_count, site_capacity;

    /* this process's own: */
    const struct site *own;
    pid_t pid;
    uint64_t awaited;  /* the hash of the object for which this process waits, or waited last */
    int64_t since;     /* when the wait began, by time_monotonic_ms() */
    bool is_impatient; /* waits for no further object */
    size_t read;       /* objects read from the cache */
};

/* ---- the index ------------------------------------------------------------------------------ */

static bool init_lock(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attributes;
    if (pthread_mutexattr_init(&attributes))
        return false;
    bool done = !pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) &&
                !pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) &&
                !pthread_mutex_init(lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return done;
}

static void lock(struct object_cache *cache)
{
    if (pthread_mutex_lock(&cache->index->lock) == EOWNERDEAD)
        pthread_mutex_consistent(&cache->index->lock);
}

static void unlock(struct object_cache *cache)
{
    pthread_mutex_unlock(&cache->index->lock);
}

/* Returns an object, or NULL.  The caller has the lock. */
static struct cached *look_up(struct index *index, uint64_t hash)
{
    for (uint32_t number = index->head[hash % HEADS]; number;) {
        struct cached *cached = &index->object[number - 1];
        if (cached->hash == hash)
            return cached;
        number = cached->next;
    }
    return NULL;
}

/* Adds an object that the process PID fetches, if there is room.  The caller has the lock. */
static void add(struct index *index, uint64_t hash, pid_t pid)
{
    if (index->is_full || index->count == OBJECT_CACHE_COUNT_MAX)
        return;
    uint32_t *head = &index->head[hash % HEADS];
    index->object[index->count] = (struct cached){.hash = hash, .fetched_by = pid, .next = *head};
    *head = ++index->count;
}

/* ---- objects -------------------------------------------------------------------------------- */

/* Writes the name of an object in the cache: its bucket, key, tag and size.  Returns the hash of
 * the name. */
static uint64_t put_name(const struct object_cache *cache, struct buffer *name, const char *bucket,
                         const struct source_object *object)
{
    buffer_printf(name, "%s\n%s\n%s\n%llu\n", bucket, object->key, object->tag,
                  (unsigned long long)object->size);
    return hash_bytes(name->data, name->size, cache->index->seed);
}

/* Returns whether a site reads the objects of a bucket with this key. */
static bool needs(const struct site *site, const char *bucket, const char *key)
{
    struct buffer one = {0};
    bool is_found = false;
    for (const char *rest = site->source; !is_found && (rest = sources_next(rest, &one));) {
        struct s3_uri uri;
        struct key_filter filter;
        if (site_kind(one.data) != SITE_BUCKET || s3_uri_parse(&uri, one.data))
            continue;
        key_filter_init(&filter, one.data, site->include, site->exclude);
        is_found = !strcmp(uri.bucket, bucket) && !strncmp(key, uri.prefix, strlen(uri.prefix)) &&
                   key_filter_takes(&filter, key);
        s3_uri_free(&uri);
    }
    buffer_free(&one);
    return is_found;
}

/* Returns whether the object may be in the cache: it is small, its tag names its bytes, and another
 * site needs it. */
static bool is_shared(const struct object_cache *cache, const char *bucket,
                      const struct source_object *object)
{
    bool is_wanted = false;
    if (object->size > OBJECT_CACHE_OBJECT_MAX || !*object->tag || s3_etag_is_weak(object->tag))
        return false;
    for (size_t i = 0; i < cache->site_count && !is_wanted; i++)
        is_wanted = cache->sites[i] != cache->own && needs(cache->sites[i], bucket, object->key);
    return is_wanted;
}

/* Returns whether this process still waits for an object that another one fetches. */
static bool is_patient(struct object_cache *cache, uint64_t hash)
{
    int64_t now = time_monotonic_ms();
    if (cache->awaited != hash) {
        cache->awaited = hash;
        cache->since = now;
    }
    cache->is_impatient |= now - cache->since >= OBJECT_CACHE_PATIENCE_MS;
    return !cache->is_impatient;
}

/* ---- the file ------------------------------------------------------------------------------- */

static bool write_at(int fd, const void *data, size_t size, uint64_t offset)
{
    for (const char *from = data; size;) {
        ssize_t put = pwrite(fd, from, size, (off_t)offset);
        if (put <= 0)
            return false;
        from += put;
        offset += (uint64_t)put;
        size -= (size_t)put;
    }
    return true;
}

/* Reads the bytes of a kept object.  Returns false when the file does not have them. */
static bool read_object(struct object_cache *cache, const struct buffer *name, uint64_t offset,
                        void *data, size_t size)
{
    char *found = memory_resize(NULL, name->size, 1);
    bool is_read = read_at(cache->fd, found, name->size, offset) == (ssize_t)name->size &&
                   !memcmp(found, name->data, name->size) &&
                   read_at(cache->fd, data, size, offset + name->size) == (ssize_t)size;
    free(found);
    cache->read += is_read;
    return is_read;
}

/* Returns whether the file may grow to SIZE bytes.  The other half of the free space is for the
 * temporary files of the runs themselves. */
static bool may_grow(const struct object_cache *cache, uint64_t size)
{
    struct statvfs status;
    return size <= OBJECT_CACHE_BYTES_MAX && fstatvfs(cache->fd, &status) == 0 &&
           size <= (uint64_t)status.f_bavail * status.f_frsize;
}

/* Takes SIZE bytes at the end of the file, and sets OFFSET to their beginning.  The caller has the
 * lock. */
static bool take_space(struct object_cache *cache, size_t size, uint64_t *offset)
{
    struct index *index = cache->index;
    if (index->is_full || !may_grow(cache, index->size + size))
        return false;
    *offset = index->size;
    index->size += size;
    return true;
}

/* ---- the interface -------------------------------------------------------------------------- */

struct object_cache *object_cache_new(void)
{
    struct object_cache *cache = memory_allocate(1, sizeof *cache);
    cache->fd = temporary_open(temporary_directory());
    cache->index = cache->fd < 0 ? MAP_FAILED
                                 : mmap(NULL, sizeof *cache->index, PROT_READ | PROT_WRITE,
                                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (cache->index == MAP_FAILED)
        cache->index = NULL;
    if (cache->index && init_lock(&cache->index->lock) &&
        getrandom(&cache->index->seed, sizeof cache->index->seed, 0) >= 0)
        return cache;
    int number = errno;
    object_cache_free(cache);
    errno = number;
    return NULL;
}

void object_cache_add_site(struct object_cache *cache, const struct site *site)
{
    cache->sites = array_grow(cache->sites, cache->site_count, &cache->site_capacity,
                              sizeof(const struct site *));
    cache->sites[cache->site_count++] = site;
    cache->index->sites++;
}

void object_cache_join(struct object_cache *cache, const struct site *site)
{
    cache->own = site;
    cache->pid = getpid();
}

void object_cache_leave(struct object_cache *cache, pid_t pid)
{
    struct index *index = cache->index;
    lock(cache);
    index->sites--;
    for (uint32_t i = 0; pid && i < index->count; i++)
        if (index->object[i].fetched_by == pid)
            index->object[i].fetched_by = 0;
    unlock(cache);
}

enum object_cache_place object_cache_find(struct object_cache *cache, const char *bucket,
                                          const struct source_object *object, void *data)
{
    enum object_cache_place place = OBJECT_CACHE_HAS_NONE;
    struct buffer name = {0};
    if (!cache || !is_shared(cache, bucket, object))
        return place;
    uint64_t hash = put_name(cache, &name, bucket, object), offset = 0;
    lock(cache);
    struct cached *cached = look_up(cache->index, hash);
    if (cached && cached->is_kept) {
        place = OBJECT_CACHE_HAS_IT;
        offset = cached->offset;
    } else if (cached && cached->fetched_by && cached->fetched_by != cache->pid) {
        place = is_patient(cache, hash) ? OBJECT_CACHE_AWAITS_IT : OBJECT_CACHE_HAS_NONE;
    } else if (cache->index->sites > 1) {
        if (cached)
            cached->fetched_by = cache->pid;
        else
            add(cache->index, hash, cache->pid);
    }
    unlock(cache);
    if (place == OBJECT_CACHE_HAS_IT &&
        !read_object(cache, &name, offset, data, (size_t)object->size))
        place = OBJECT_CACHE_HAS_NONE;
    buffer_free(&name);
    return place;
}

/* Returns the entry of an object, or NULL when this process has not told the others that it fetches
 * the object.  The caller has the lock. */
static struct cached *look_up_own(struct object_cache *cache, uint64_t hash)
{
    struct cached *cached = look_up(cache->index, hash);
    return cached && cached->fetched_by == cache->pid ? cached : NULL;
}

void object_cache_keep(struct object_cache *cache, const char *bucket,
                       const struct source_object *object, const void *data)
{
    struct buffer name = {0};
    uint64_t offset = 0;
    size_t size = (size_t)object->size;
    if (!cache)
        return;
    uint64_t hash = put_name(cache, &name, bucket, object);
    lock(cache);
    struct cached *cached = look_up_own(cache, hash);
    bool has_space = cached && take_space(cache, name.size + size, &offset);
    unlock(cache);
    bool is_written = has_space && write_at(cache->fd, name.data, name.size, offset) &&
                      write_at(cache->fd, data, size, offset + name.size);
    lock(cache);
    if (cached) {
        cached->offset = offset;
        cached->is_kept = is_written;
        cached->fetched_by = 0;
        cache->index->is_full |= !is_written;
    }
    unlock(cache);
    buffer_free(&name);
}

void object_cache_release(struct object_cache *cache, const char *bucket,
                          const struct source_object *object)
{
    struct buffer name = {0};
    if (!cache)
        return;
    uint64_t hash = put_name(cache, &name, bucket, object);
    lock(cache);
    struct cached *cached = look_up_own(cache, hash);
    if (cached)
        cached->fetched_by = 0;
    unlock(cache);
    buffer_free(&name);
}

size_t object_cache_count_read(const struct object_cache *cache)
{
    return cache ? cache->read : 0;
}

void object_cache_free(struct object_cache *cache)
{
    if (!cache)
        return;
    if (cache->index)
        munmap(cache->index, sizeof *cache->index);
    if (cache->fd >= 0)
        close(cache->fd);
    free(cache->sites);
    free(cache);
}
