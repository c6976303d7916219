/* The objects that the processes of several sites share: which process fetches, which ones wait, and which ones
 * read the kept bytes. */
#include "source/object_cache.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { BYTES = 3000 };

static long skipped_s; /* seconds that the clock is ahead */

int clock_gettime(clockid_t clock, struct timespec *time)
{
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    time->tv_sec += skipped_s;
    return result;
}

static char source[] = "s3://logs/cdn/", other_source[] = "s3://logs/", excluded[] = "*.csv";
static const struct site one = {.source = source},
                         two = {.source = other_source, .exclude = excluded};
static const struct source_object object = {
    .key = "cdn/a.gz", .tag = "0123456789abcdef0123456789abcdef", .size = BYTES};

static struct object_cache *cache_of_two(void)
{
    struct object_cache *cache = object_cache_new();
    if (!cache)
        exit(1);
    object_cache_add_site(cache, &one);
    object_cache_add_site(cache, &two);
    object_cache_join(cache, &one);
    return cache;
}

static void fill(unsigned char *bytes, unsigned seed)
{
    for (unsigned i = 0; i < BYTES; i++)
        bytes[i] = (unsigned char)(i * seed % 251);
}

/* Looks for an object in a process of the other site, which then ends.  Returns the place, or -1 when the bytes are
 * not those of SEED.  With PID, stores the process there, and does not tell the cache that it has ended. */
static int find_elsewhere(struct object_cache *cache, const struct source_object *wanted,
                          unsigned seed, pid_t *pid)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        unsigned char bytes[BYTES], right[BYTES];
        object_cache_join(cache, &two);
        int place = (int)object_cache_find(cache, "logs", wanted, bytes);
        fill(right, seed);
        if (place == OBJECT_CACHE_HAS_IT &&
            (memcmp(bytes, right, BYTES) != 0 || object_cache_count_read(cache) != 1))
            _exit(99);
        _exit(place);
    }
    waitpid(child, &status, 0);
    if (pid)
        *pid = child;
    return WIFEXITED(status) && WEXITSTATUS(status) != 99 ? WEXITSTATUS(status) : -1;
}

static void test_keep(void)
{
    struct object_cache *cache = cache_of_two();
    unsigned char bytes[BYTES];
    struct source_object changed = object;
    fill(bytes, 7);
    ok(object_cache_find(NULL, "logs", &object, bytes) == OBJECT_CACHE_HAS_NONE, "no cache");
    ok(object_cache_find(cache, "logs", &object, bytes) == OBJECT_CACHE_HAS_NONE, "empty");
    ok(object_cache_find(cache, "logs", &object, bytes) == OBJECT_CACHE_HAS_NONE,
       "the own fetch is not waited for");
    ok(find_elsewhere(cache, &object, 7, NULL) == OBJECT_CACHE_AWAITS_IT,
       "another site waits for a fetch");
    object_cache_keep(cache, "logs", &object, bytes);
    ok(find_elsewhere(cache, &object, 7, NULL) == OBJECT_CACHE_HAS_IT,
       "another site reads what is kept");
    memset(bytes, 0, sizeof bytes);
    ok(object_cache_find(cache, "logs", &object, bytes) == OBJECT_CACHE_HAS_IT && bytes[1] == 7,
       "so does this one");
    ok(object_cache_find(cache, "other", &object, bytes) == OBJECT_CACHE_HAS_NONE,
       "not in another bucket");
    changed.tag = "1123456789abcdef0123456789abcdef";
    ok(find_elsewhere(cache, &changed, 7, NULL) == OBJECT_CACHE_HAS_NONE, "not kept: another tag");
    changed = object;
    changed.size--;
    ok(find_elsewhere(cache, &changed, 7, NULL) == OBJECT_CACHE_HAS_NONE, "not kept: another size");
    changed = object;
    changed.key = "cdn/b.gz";
    ok(find_elsewhere(cache, &changed, 7, NULL) == OBJECT_CACHE_HAS_NONE, "not kept: another key");
    object_cache_free(cache);
}

/* Returns whether another site waits for an object that this one fetches. */
static bool is_awaited(const char *key, const char *tag, uint64_t size)
{
    struct object_cache *cache = cache_of_two();
    const struct source_object wanted = {.key = key, .tag = tag, .size = size};
    unsigned char *bytes = malloc(OBJECT_CACHE_OBJECT_MAX + 1);
    bool is_found = object_cache_find(cache, "logs", &wanted, bytes) != OBJECT_CACHE_HAS_NONE;
    int place = find_elsewhere(cache, &wanted, 7, NULL);
    free(bytes);
    object_cache_free(cache);
    return is_found || place == OBJECT_CACHE_AWAITS_IT;
}

static void test_what_is_shared(void)
{
    ok(is_awaited("cdn/a.gz", "tag", OBJECT_CACHE_OBJECT_MAX), "an object of the largest size");
    ok(!is_awaited("cdn/a.gz", "tag", OBJECT_CACHE_OBJECT_MAX + 1), "a larger object is not kept");
    ok(!is_awaited("cdn/a.gz", "", 10), "an object without a tag is not kept");
    ok(!is_awaited("cdn/a.gz", "W/\"tag\"", 10), "an object with a weak tag is not kept");
    ok(!is_awaited("cdn/a.csv", "tag", 10), "nor one that the other site excludes");
    ok(!is_awaited("x/a.gz", "tag", 10), "nor one outside of the other site's prefix");
}

static void test_end(void)
{
    struct object_cache *cache = cache_of_two();
    unsigned char bytes[BYTES];
    pid_t child;
    fill(bytes, 7);
    ok(find_elsewhere(cache, &object, 7, &child) == OBJECT_CACHE_HAS_NONE &&
           object_cache_find(cache, "logs", &object, bytes) == OBJECT_CACHE_AWAITS_IT,
       "a process fetches an object, and is gone");
    object_cache_leave(cache, child);
    ok(object_cache_find(cache, "logs", &object, bytes) == OBJECT_CACHE_HAS_NONE,
       "its end gives the object to others");
    object_cache_free(cache);

    cache = cache_of_two();
    object_cache_find(cache, "logs", &object, bytes);
    object_cache_release(cache, "logs", &object);
    ok(find_elsewhere(cache, &object, 7, NULL) == OBJECT_CACHE_HAS_NONE,
       "a failed fetch gives the object to others");
    object_cache_keep(cache, "logs", &object, bytes);
    ok(object_cache_find(cache, "logs", &object, bytes) == OBJECT_CACHE_AWAITS_IT,
       "who does not fetch keeps nothing");
    object_cache_free(cache);

    cache = cache_of_two();
    object_cache_leave(cache, 0);
    object_cache_find(cache, "logs", &object, bytes);
    ok(find_elsewhere(cache, &object, 7, NULL) == OBJECT_CACHE_HAS_NONE,
       "the last site keeps nothing");
    object_cache_free(cache);
}

static void test_patience(void)
{
    struct object_cache *cache = cache_of_two();
    unsigned char bytes[BYTES];
    struct source_object other = object;
    other.key = "cdn/b.gz";
    find_elsewhere(cache, &object, 7, NULL);
    find_elsewhere(cache, &other, 7, NULL);
    ok(object_cache_find(cache, "logs", &object, bytes) == OBJECT_CACHE_AWAITS_IT, "waits");
    skipped_s += OBJECT_CACHE_PATIENCE_MS / 1000 - 1;
    ok(object_cache_find(cache, "logs", &object, bytes) == OBJECT_CACHE_AWAITS_IT, "waits on");
    skipped_s += 2;
    ok(object_cache_find(cache, "logs", &object, bytes) == OBJECT_CACHE_HAS_NONE,
       "no longer than its patience");
    ok(object_cache_find(cache, "logs", &other, bytes) == OBJECT_CACHE_HAS_NONE,
       "and for no other object");
    object_cache_free(cache);
}

static void test_full_disk(void)
{
    struct object_cache *cache = cache_of_two();
    const struct rlimit limit = {BYTES + 1000, RLIM_INFINITY},
                        none = {RLIM_INFINITY, RLIM_INFINITY};
    struct source_object other = object, third = object;
    unsigned char bytes[BYTES];
    other.key = "cdn/b.gz";
    third.key = "cdn/c.gz";
    fill(bytes, 7);
    signal(SIGXFSZ, SIG_IGN);
    object_cache_find(cache, "logs", &object, bytes);
    object_cache_find(cache, "logs", &other, bytes);
    setrlimit(RLIMIT_FSIZE, &limit);
    object_cache_keep(cache, "logs", &object, bytes);
    object_cache_keep(cache, "logs", &other, bytes);
    setrlimit(RLIMIT_FSIZE, &none);
    ok(find_elsewhere(cache, &object, 7, NULL) == OBJECT_CACHE_HAS_IT, "what was written is kept");
    ok(find_elsewhere(cache, &other, 7, NULL) == OBJECT_CACHE_HAS_NONE, "what was not is fetched");
    object_cache_find(cache, "logs", &third, bytes);
    ok(find_elsewhere(cache, &third, 7, NULL) == OBJECT_CACHE_HAS_NONE,
       "nobody waits for what cannot be kept");
    object_cache_free(cache);
}

int main(void)
{
    test_keep();
    test_what_is_shared();
    test_end();
    test_patience();
    test_full_disk();
    return done_testing();
}
