/* Keeps objects of buckets that one site of an update has fetched, for the other sites of the same
 * update: a cache that the processes of the sites share.
 *
 * The sites of a cache have the same credentials and settings for their buckets, and the same user.
 * The bytes are in a temporary file without a name, which all processes read and write by offsets.
 * The index is in memory that they share: it tells for each object which process fetches it, or
 * where its bytes are.  Bucket, key, ETag and size identify an object.  The cache keeps an object
 * only if source, "include" and "exclude" of another site also choose it, and another site is still
 * running.
 *
 * Of two sites that need an object at the same time, the first one fetches it, and the second one
 * waits for the bytes.  A site that has waited OBJECT_CACHE_PATIENCE_MS for one object waits for no
 * other object, and fetches all by itself.
 *
 * Bounds: OBJECT_CACHE_OBJECT_MAX for an object, OBJECT_CACHE_BYTES_MAX and half of the free space
 * for the file, and OBJECT_CACHE_COUNT_MAX objects.  Beyond these bounds, and after any error of
 * the file, each site fetches by itself. An error of the cache never makes an update fail. */
#ifndef SOURCE_OBJECT_CACHE_H
#define SOURCE_OBJECT_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "config/site.h"
#include "source/kind.h"

enum {
    OBJECT_CACHE_OBJECT_MAX = 1024 * 1024,       /* bytes of an object */
    OBJECT_CACHE_BYTES_MAX = 1024 * 1024 * 1024, /* bytes of all objects */
    OBJECT_CACHE_COUNT_MAX = 256 * 1024,         /* objects */
    OBJECT_CACHE_POLL_MS = 10,                   /* between two looks for an awaited object */
    OBJECT_CACHE_PATIENCE_MS = 10000             /* a site waits no longer for an object */
};

struct object_cache;

/* Makes an empty cache for processes that are forked later.  Returns NULL, with errno set, when the
 * system has no temporary file or memory for it. */
struct object_cache *object_cache_new(void);

/* Adds a site that will use the cache.  The site must last as long as the cache. */
void object_cache_add_site(struct object_cache *cache, const struct site *site);

/* Makes SITE, which was added, the site of this process.  Call this before another thread uses the
 * cache. */
void object_cache_join(struct object_cache *cache, const struct site *site);

/* Removes a site, in the parent, after its process PID has ended, or could not start (0).  Other
 * sites may fetch the objects that the process was fetching. */
void object_cache_leave(struct object_cache *cache, pid_t pid);

enum object_cache_place {
    OBJECT_CACHE_HAS_NONE, /* the caller fetches the object, and then calls keep() or release() */
    OBJECT_CACHE_HAS_IT,   /* the bytes were read */
    OBJECT_CACHE_AWAITS_IT /* another site fetches the object: try again in OBJECT_CACHE_POLL_MS */
};

/* Finds an object of a bucket, and reads its bytes into DATA, which has room for them.  CACHE may
 * be NULL.  One thread of a process at a time may call this function and the two below. */
enum object_cache_place object_cache_find(struct object_cache *cache, const char *bucket,
                                          const struct source_object *object, void *data);

/* Keeps the bytes of an object that was fetched, in the version of its tag, for other sites that
 * need them. */
void object_cache_keep(struct object_cache *cache, const char *bucket,
                       const struct source_object *object, const void *data);

/* Leaves an object, which was not fetched, or is another version, to the other sites. */
void object_cache_release(struct object_cache *cache, const char *bucket,
                          const struct source_object *object);

/* Returns how many objects this process has read from the cache. */
size_t object_cache_count_read(const struct object_cache *cache);

/* Closes the cache in this process.  NULL is allowed. */
void object_cache_free(struct object_cache *cache);

#endif
