/* Lets the sites of an update share objects: one site fetches an object, and the others get its bytes from a cache
 * (source/object_cache.h).
 *
 * Sites share a cache when they reach buckets in the same way, and with the same rights: when all settings of access,
 * the variables of their environment files, and the user of their processes are equal.  Sites with another source than
 * buckets, and those that delete or move objects, share none. */
#ifndef UPDATE_SHARING_H
#define UPDATE_SHARING_H

#include <stddef.h>
#include <sys/types.h>

#include "config/site.h"

struct sharing;
struct object_cache;

/* Makes the caches for the sites NAMES of the configuration file CONFIG.  The numbers of sites below are those of
 * NAMES.  Returns NULL when no two sites share one. */
struct sharing *sharing_new(const char *config, const char *const *names, size_t count);

/* In the process of a site, which runs as the site's user now: returns the cache of the site, or NULL, and closes all
 * others. */
struct object_cache *sharing_join(struct sharing *sharing, size_t site);

/* Tells, with -v, how many objects of the site came from the cache. */
void sharing_tell(const struct site *site);

/* In the parent: the process PID of a site has ended, or none could be started (0). */
void sharing_leave(struct sharing *sharing, size_t site, pid_t pid);

/* NULL: does nothing, as in the functions above. */
void sharing_free(struct sharing *sharing);

#endif
