#include "shards/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "files/folders.h"
#include "http/wait.h"
#include "memory/allocate.h"
#include "s3/get_part.h"
#include "s3/list_objects.h"
#include "s3/transfer.h"
#include "source/delete_objects.h"
#include "text/time.h"

enum { IDLE_MS = 1000, DELETE_MAX = 1000 /* objects of one request */ };

struct store {
    struct bucket_state state; /* the bucket, and the pool */
    char *base;                /* the text before names in keys: "PREFIX/", or "" */
};

struct store *store_open(const char *uri, const struct site *site, unsigned transfers,
                         struct buffer *error)
{
    struct store *store = memory_allocate(1, sizeof *store);
    const struct s3_access access = site_access(site);
    if (s3_bucket_open(&store->state.bucket, uri, &access, error) < 0 ||
        !(store->state.pool = s3_bucket_pool(&store->state.bucket, transfers, error))) {
        store_free(store);
        return NULL;
    }
    struct buffer base = {0};
    const char *prefix = store->state.bucket.uri.prefix;
    size_t size = strlen(prefix);
    while (size && prefix[size - 1] == '/')
        size--;
    buffer_add(&base, prefix, size);
    buffer_add_text(&base, size ? "/" : "");
    store->base = base.data;
    return store;
}

void store_free(struct store *store)
{
    if (!store)
        return;
    http_pool_free(store->state.pool);
    s3_bucket_close(&store->state.bucket);
    free(store->base);
    free(store);
}

/* ---- lists ------------------------------------------------------------------------------------ */

/* Adds an object.  OBJECTS own its key and PATH. */
static void add(const struct store *store, struct store_objects *objects, struct s3_object object,
                char *path)
{
    objects->list =
        array_grow(objects->list, objects->count, &objects->capacity, sizeof *objects->list);
    objects->list[objects->count++] = (struct store_object){
        .object = object, .name = object.key + strlen(store->base), .path = path};
}

/* Returns the key of an object; the caller frees it. */
static char *make_key(const struct store *store, const char *name)
{
    struct buffer key = {0};
    buffer_printf(&key, "%s%s", store->base, name);
    return key.data;
}

void store_objects_add(struct store *store, struct store_objects *objects, const char *name,
                       char *path)
{
    const struct s3_object object = {.key = make_key(store, name), .size = S3_SIZE_UNKNOWN};
    add(store, objects, object, path);
}

void store_objects_free(struct store_objects *objects)
{
    for (size_t i = 0; i < objects->count; i++) {
        free(objects->list[i].object.key);
        free(objects->list[i].path);
    }
    free(objects->list);
    *objects = (struct store_objects){0};
}

struct listing {
    struct store *store;
    struct store_objects *objects;
    const char *prefix;
    struct buffer *error;
    bool has_failed;
};

static bool keep(void *user, struct s3_object object)
{
    const struct listing *listing = user;
    if (!strncmp(object.key, listing->prefix, strlen(listing->prefix)))
        add(listing->store, listing->objects, object, NULL);
    else
        free(object.key);
    return true;
}

static void end_list(void *user, const struct s3_outcome *outcome)
{
    struct listing *listing = user;
    listing->has_failed = outcome->result != S3_DONE;
    if (listing->has_failed)
        buffer_printf(listing->error, "s3://%s/%s: %s", listing->store->state.bucket.uri.bucket,
                      listing->prefix, s3_outcome_error(outcome));
}

bool store_list(struct store *store, const char *begin, struct store_objects *objects,
                struct buffer *error)
{
    char *prefix = make_key(store, begin);
    struct listing listing = {.store = store, .objects = objects, .prefix = prefix, .error = error};
    struct s3_list list = {.user = &listing, .found = keep, .done = end_list};
    s3_list_start(&list, &store->state.bucket, store->state.pool, prefix);
    while (http_pool_is_busy(store->state.pool))
        http_pool_step(store->state.pool, IDLE_MS);
    s3_list_free(&list);
    free(prefix);
    return !listing.has_failed;
}

/* ---- bytes ------------------------------------------------------------------------------------ */

/* Returns the objects that have a path, for s3/transfer.h; the caller frees the array. */
static struct s3_file *find_files(const struct store_objects *objects, size_t *count)
{
    struct s3_file *files = memory_allocate(objects->count + 1, sizeof *files);
    *count = 0;
    for (size_t i = 0; i < objects->count; i++) {
        const struct store_object *one = &objects->list[i];
        if (one->path)
            files[(*count)++] = (struct s3_file){.key = one->object.key,
                                                 .path = one->path,
                                                 .size = one->object.size,
                                                 .etag = one->object.etag};
    }
    return files;
}

bool store_get(struct store *store, const struct store_objects *objects, struct buffer *error)
{
    size_t count;
    bool done = true;
    struct s3_file *files = find_files(objects, &count);
    for (size_t i = 0; done && i < count; i++) {
        done = folders_make_above(files[i].path, 0755) == 0;
        if (!done)
            buffer_printf(error, "%s: %s", files[i].path, strerrordesc_np(errno));
    }
    done = done && s3_get_files(&store->state.bucket, store->state.pool, files, count, error);
    free(files);
    return done;
}

bool store_put(struct store *store, const struct store_objects *objects, struct buffer *error)
{
    size_t count;
    struct s3_file *files = find_files(objects, &count);
    bool done = s3_put_files(&store->state.bucket, store->state.pool, files, count, error);
    free(files);
    return done;
}

int store_read(struct store *store, const char *name, size_t size, struct buffer *text,
               struct buffer *error)
{
    struct store_objects objects = {0};
    bool done = store_list(store, name, &objects, error);
    bool has = done && objects.count && !strcmp(objects.list[0].name, name);
    if (has) {
        struct buffer reason = {0};
        const struct s3_object *object = &objects.list[0].object;
        struct s3_object newest = *object;
        newest.etag = ""; /* another task may have replaced it since */
        done = s3_get_part(&store->state.bucket, store->state.pool, &newest, size,
                           time_monotonic_ms() + HTTP_WAIT_MAX_MS, text, &reason);
        if (!done)
            buffer_printf(error, "s3://%s/%s: %s", store->state.bucket.uri.bucket, object->key,
                          reason.data);
        buffer_free(&reason);
    }
    store_objects_free(&objects);
    return done ? has : -1;
}

/* ---- the end ---------------------------------------------------------------------------------- */

bool store_remove(struct store *store, const struct store_objects *objects)
{
    static const struct site deleting = {.after = SITE_AFTER_DELETE};
    struct buffer place = {0};
    buffer_printf(&place, "s3://%s/", store->state.bucket.uri.bucket);
    struct cleaner cleaner = {.site = &deleting, .place = place.data};
    struct clean_item *items = memory_allocate(objects->count + 1, sizeof *items);
    struct clean_item **pointers = memory_allocate(objects->count + 1, sizeof *pointers);
    static char any_version[] = "";
    for (size_t i = 0; i < objects->count; i++) {
        items[i] = (struct clean_item){.key = objects->list[i].object.key, .tag = any_version};
        pointers[i] = &items[i];
    }
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < objects->count; i += DELETE_MAX)
        goes_on = delete_objects(&store->state, &cleaner, pointers + i,
                                 objects->count - i < DELETE_MAX ? objects->count - i : DELETE_MAX);
    for (size_t i = 0; i < objects->count; i++)
        free(items[i].error);
    free(items);
    free(pointers);
    buffer_free(&place);
    return goes_on && !cleaner.failed;
}
