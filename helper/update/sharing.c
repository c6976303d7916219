#include "update/sharing.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/environment_file.h"
#include "config/site_file.h"
#include "files/temporary.h"
#include "memory/allocate.h"
#include "source/object_cache.h"
#include "text/by_number.h"
#include "text/message.h"
#include "update/owner.h"

/* A site of the update. */
struct member {
    struct site site;     /* zeroed: this site shares nothing */
    uid_t user;           /* of the process that updates this site */
    struct buffer access; /* the settings and user that must be equal to share, as text */
    struct object_cache *cache;
};

struct sharing {
    size_t count;
    struct member member[];
};

/* Adds a setting, and whether it is set. */
static void add_setting(struct buffer *access, const char *value)
{
    buffer_printf(access, "%s%s\n", value ? "=" : "", value ? value : "");
}

static void find_access(struct member *member, const char *config)
{
    const struct s3_access access = site_access(&member->site);
    member->user = owner_find(&member->site);
    add_setting(&member->access, access.region);
    add_setting(&member->access, access.profile);
    add_setting(&member->access, access.endpoint);
    buffer_printf(&member->access, "%d %d %lu\n", access.is_anonymous, access.requester_pays,
                  (unsigned long)member->user);
    environment_file_add(&member->access, config, member->site.name);
}

static bool may_share(const struct site *site)
{
    return site->source && site->after == SITE_AFTER_KEEP && site_has_bucket(site);
}

static bool is_equal(const struct member *a, const struct member *b)
{
    return a->access.size && a->access.size == b->access.size &&
           !memcmp(a->access.data, b->access.data, a->access.size);
}

/* Gives a cache to the site NUMBER and to later sites with the same access.  Returns whether there are such sites. */
static bool share(struct sharing *sharing, size_t number)
{
    struct member *first = &sharing->member[number];
    for (size_t i = number + 1; !first->cache && i < sharing->count; i++)
        if (is_equal(first, &sharing->member[i])) {
            first->cache = object_cache_new();
            if (!first->cache) {
                message_verbose("each site fetches its own objects: no temporary file for objects "
                                "that several sites need can be made in %s: %s",
                                temporary_directory(), strerrordesc_np(errno));
                return false;
            }
        }
    for (size_t i = number; first->cache && i < sharing->count; i++)
        if (is_equal(first, &sharing->member[i])) {
            sharing->member[i].cache = first->cache;
            object_cache_add_site(first->cache, &sharing->member[i].site);
        }
    return first->cache != NULL;
}

struct sharing *sharing_new(const char *config, const char *const *names, size_t count)
{
    struct sharing *sharing = memory_allocate(1, sizeof *sharing + count * sizeof *sharing->member);
    struct site *sites = memory_allocate(count + 1, sizeof *sites);
    bool is_shared = false;
    sharing->count = count;
    if (count > 1)
        site_file_read_correct(sites, config, names, count);
    for (size_t i = 0; i < count; i++) {
        sharing->member[i].site = sites[i];
        if (may_share(&sites[i]))
            find_access(&sharing->member[i], config);
    }
    free(sites);
    for (size_t i = 0; i < count; i++)
        is_shared |= !sharing->member[i].cache && share(sharing, i);
    if (is_shared)
        return sharing;
    sharing_free(sharing);
    return NULL;
}

/* Closes all caches but KEPT. */
static void close_others(struct sharing *sharing, const struct object_cache *kept)
{
    for (size_t i = 0; i < sharing->count; i++) {
        struct object_cache *cache = sharing->member[i].cache;
        for (size_t j = i; cache && cache != kept && j < sharing->count; j++)
            if (sharing->member[j].cache == cache)
                sharing->member[j].cache = NULL;
        if (cache != kept)
            object_cache_free(cache);
    }
}

struct object_cache *sharing_join(struct sharing *sharing, size_t site)
{
    if (!sharing)
        return NULL;
    struct member *member = &sharing->member[site];
    close_others(sharing, member->user == geteuid() ? member->cache : NULL);
    if (member->cache)
        object_cache_join(member->cache, &member->site);
    return member->cache;
}

void sharing_tell(const struct site *site)
{
    size_t count = object_cache_count_read(site->cache);
    if (site->cache)
        message_verbose("[%s]: %zu %s came from the fetch of another site", site->name, count,
                        by_number(count, "object", "objects"));
}

void sharing_leave(struct sharing *sharing, size_t site, pid_t pid)
{
    if (sharing && sharing->member[site].cache)
        object_cache_leave(sharing->member[site].cache, pid);
}

void sharing_free(struct sharing *sharing)
{
    if (!sharing)
        return;
    close_others(sharing, NULL);
    for (size_t i = 0; i < sharing->count; i++) {
        site_free(&sharing->member[i].site);
        buffer_free(&sharing->member[i].access);
    }
    free(sharing);
}
