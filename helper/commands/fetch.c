/* fetch: copies the raw objects of a bucket into a directory, except those that are there already.
 *
 * It transfers the objects of one list page while it requests the next page.  Where the ETag of an
 * object is no MD5, the checksums of the gzip data show whether all bytes are right. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "fetch/target.h"
#include "gzip/gzip_check.h"
#include "memory/allocate.h"
#include "s3/bucket.h"
#include "s3/failures.h"
#include "http/pool.h"
#include "s3/list_objects.h"
#include "source/key_filter.h"
#include "source/key_guess.h"
#include "source/names_size.h"
#include "text/buffer.h"
#include "text/by_number.h"
#include "text/message.h"
#include "text/progress.h"
#include "files/write_all.h"

enum {
    IDLE_MS = 1000,
    RESUME_MIN = 1024 * 1024, /* bytes of an object whose transfer resumes after an interruption */
    NAMED_MAX = 10,           /* corrupt objects that messages name */
};

/* A gzip check that no object uses at the moment.  It keeps its memory for the next object. */
struct spare_check {
    struct gzip_check gzip;
    struct spare_check *next;
};

/* Only the thread that runs the pool uses these members, except target, spare and has_bytes, which the threads of the
 * takers use, too. */
struct fetch {
    struct s3_bucket bucket;
    struct http_pool *pool;
    struct s3_takers *takers;
    struct target *target;
    struct key_filter filter;  /* chooses objects of the list */
    size_t folder_size;        /* bytes of a key that are not part of its path here */
    struct s3_object *objects; /* the listed ones; start_next() takes their keys */
    size_t count, capacity, next;
    size_t names_size; /* bytes of the waiting objects and their names */
    bool stop;         /* the run has failed, and starts no more transfers */
    struct s3_failures failures;
    uint64_t corrupt;          /* objects that are corrupt in the bucket */
    uint64_t listed, left_out; /* objects that the filter chooses, and all others */
    uint64_t fetched, fetched_bytes, unchanged;
    atomic_bool has_bytes; /* bytes of an object have arrived */
    pthread_mutex_t lock;  /* protects spare */
    struct spare_check *spare;
};

/* The transfer of one object. */
struct copy {
    struct s3_request request;
    struct fetch *fetch;
    struct s3_object object;
    char *path; /* below the target directory */
    uint64_t part;
    int fd;                    /* of the part file; -1: not open */
    int64_t taken;             /* bytes of this try; the part file is empty before the first */
    struct spare_check *check; /* NULL: not begun, not needed, or given back */
    const char *gzip_error;    /* static; NULL: none */
};

static struct spare_check *take_check(struct fetch *fetch)
{
    pthread_mutex_lock(&fetch->lock);
    struct spare_check *check = fetch->spare;
    if (check)
        fetch->spare = check->next;
    pthread_mutex_unlock(&fetch->lock);
    if (!check)
        check = memory_allocate(1, sizeof *check);
    gzip_check_begin(&check->gzip);
    return check;
}

static void give_check_back(struct copy *copy)
{
    struct fetch *fetch = copy->fetch;
    if (!copy->check)
        return;
    pthread_mutex_lock(&fetch->lock);
    copy->check->next = fetch->spare;
    fetch->spare = copy->check;
    pthread_mutex_unlock(&fetch->lock);
    copy->check = NULL;
}

static void free_copy(struct copy *copy)
{
    give_check_back(copy);
    free(copy->object.key);
    free(copy->path);
    free(copy);
}

static enum s3_taken begin(struct s3_request *request)
{
    struct copy *copy = request->user;
    bool is_empty = !copy->taken;
    progress_add_bytes(-copy->taken);
    copy->taken = 0;
    copy->gzip_error = NULL;
    give_check_back(copy);
    if (is_empty || (lseek(copy->fd, 0, SEEK_SET) == 0 && ftruncate(copy->fd, 0) == 0))
        return S3_TAKEN;
    target_print_unwritable(copy->fetch->target);
    return S3_STOP;
}

/* Begins a part file for the bytes of an object, unless it has one. */
static bool open_part(struct copy *copy)
{
    if (copy->fd < 0)
        copy->fd = target_begin_part(copy->fetch->target, &copy->part);
    return copy->fd >= 0;
}

static enum s3_taken take(struct s3_request *request, const void *data, size_t size,
                          const char **error)
{
    (void)error;
    struct copy *copy = request->user;
    bool can_write = open_part(copy);
    atomic_store(&copy->fetch->has_bytes, true);
    if (!request->has_md5) {
        if (!copy->check)
            copy->check = take_check(copy->fetch);
        gzip_check_add(&copy->check->gzip, data, size);
    }
    copy->taken += (int64_t)size;
    progress_add_bytes((int64_t)size);
    if (can_write && write_all(copy->fd, data, size))
        return S3_TAKEN;
    target_print_unwritable(copy->fetch->target);
    return S3_STOP;
}

static enum s3_taken end(struct s3_request *request, const char **error)
{
    struct copy *copy = request->user;
    if (!open_part(copy)) {
        target_print_unwritable(copy->fetch->target);
        return S3_STOP;
    }
    if (copy->check)
        copy->gzip_error = gzip_check_end(&copy->check->gzip);
    give_check_back(copy);
    if (copy->gzip_error) {
        *error = copy->gzip_error;
        return S3_DAMAGED;
    }
    char *path = copy->path;
    int fd = copy->fd;
    copy->path = NULL;
    copy->fd = -1;
    return target_end_part(copy->fetch->target, copy->part, fd, path, copy->object.modified)
               ? S3_TAKEN
               : S3_STOP;
}

/* Prints an error about an object that is corrupt in the bucket.  The run continues with the other objects. */
static void leave_out(struct fetch *fetch, const char *name, const char *error)
{
    if (fetch->corrupt++ < NAMED_MAX)
        message_error("%s: %s: not copied, because the object in the bucket is corrupt; replace it "
                      "there, or delete it",
                      name, error);
}

static void done(struct s3_request *request, const struct s3_outcome *outcome)
{
    struct copy *copy = request->user;
    struct fetch *fetch = copy->fetch;
    bool is_corrupt = copy->gzip_error && outcome->result != S3_STOPPED;
    if (copy->fd >= 0)
        target_drop_part(fetch->target, copy->part, copy->fd);
    fetch->failures.succeeded |= outcome->result == S3_DONE || atomic_load(&fetch->has_bytes);
    progress_add_objects(1);
    if (outcome->result == S3_DONE) {
        fetch->fetched++;
        fetch->fetched_bytes += copy->object.size;
    } else if (!fetch->stop) {
        struct buffer name = {0};
        buffer_printf(&name, "s3://%s/%s", fetch->bucket.uri.bucket, copy->object.key);
        if (is_corrupt)
            leave_out(fetch, name.data, outcome->error);
        else
            fetch->stop = s3_failures_add(&fetch->failures, name.data, outcome);
        buffer_free(&name);
    }
    free_copy(copy);
}

/* Returns the bytes of memory that an object takes while it waits. */
static size_t size_of(const struct s3_object *object)
{
    return sizeof *object + NAMES_ALLOCATION + strlen(object->key) + strlen(object->etag) + 2;
}

/* Starts the transfer of the next object, unless the target has the object already. */
static void start_next(struct fetch *fetch)
{
    struct s3_object *object = &fetch->objects[fetch->next++];
    struct buffer path = {0};
    struct copy *copy = memory_allocate(1, sizeof *copy);
    target_add_path(&path, object->key + fetch->folder_size);
    *copy = (struct copy){.fetch = fetch, .object = *object, .path = path.data, .fd = -1};
    object->key = NULL;
    fetch->names_size -= size_of(&copy->object);
    if (target_has(fetch->target, copy->path, copy->object.size, copy->object.modified)) {
        fetch->unchanged++;
        progress_add_objects(1);
        progress_expect(0, -(int64_t)copy->object.size); /* these bytes are not transferred */
        free_copy(copy);
        return;
    }
    copy->request = (struct s3_request){.key = copy->object.key,
                                        .size = copy->object.size,
                                        .resumes = copy->object.size > RESUME_MIN,
                                        .takers = fetch->takers,
                                        .user = copy,
                                        .begin = begin,
                                        .take = take,
                                        .end = end,
                                        .done = done};
    s3_request_start(&copy->request, &fetch->bucket, fetch->pool);
}

static bool add_object(void *user, struct s3_object object)
{
    struct fetch *fetch = user;
    if (!key_filter_takes(&fetch->filter, object.key)) {
        fetch->left_out++;
        free(object.key);
        return !fetch->stop;
    }
    if (fetch->next > fetch->count / 2) {
        fetch->count -= fetch->next;
        memmove(fetch->objects, fetch->objects + fetch->next, fetch->count * sizeof object);
        fetch->next = 0;
    }
    fetch->listed++;
    fetch->names_size += size_of(&object);
    fetch->objects =
        array_grow(fetch->objects, fetch->count, &fetch->capacity, sizeof *fetch->objects);
    fetch->objects[fetch->count++] = object;
    progress_expect(1, (int64_t)object.size);
    if (fetch->names_size > names_size_max && !fetch->stop) {
        fetch->stop = true;
        message_error("s3://%s/%s: more than %zu objects wait to be copied, whose names do not fit "
                      "into %d MiB; name "
                      "fewer by a longer prefix",
                      fetch->bucket.uri.bucket, fetch->bucket.uri.prefix,
                      fetch->count - fetch->next - 1, SOURCE_NAMES_MIB);
    }
    return !fetch->stop;
}

/* Warns that there is nothing to copy. */
static void warn_of_none(const struct fetch *fetch)
{
    const struct s3_uri *uri = &fetch->bucket.uri;
    if (fetch->left_out)
        message_warning("s3://%s/%s: %llu %s there, none of which the settings (or options) "
                        "\"include\" and \"exclude\" choose; correct these",
                        uri->bucket, uri->prefix, (unsigned long long)fetch->left_out,
                        by_number(fetch->left_out, "object is", "objects are"));
    else
        message_warning("s3://%s/%s: no objects there; check the bucket and the prefix",
                        uri->bucket, uri->prefix);
}

static void end_list(void *user, const struct s3_outcome *outcome)
{
    struct fetch *fetch = user;
    if (outcome->result == S3_FAILED && !fetch->stop)
        message_error("s3://%s/%s: %s", fetch->bucket.uri.bucket, fetch->bucket.uri.prefix,
                      outcome->error);
    if (outcome->result != S3_DONE)
        fetch->stop = true;
    else if (!fetch->listed)
        warn_of_none(fetch);
}

/* Lists and copies the objects.  Returns whether nothing has failed. */
static bool run(struct fetch *fetch)
{
    struct s3_list list = {
        .user = fetch, .found = add_object, .guess = key_guess, .done = end_list};
    fetch->takers = s3_takers_new(fetch->pool);
    progress_begin(PROGRESS_READ, 0, 0);
    s3_list_start(&list, &fetch->bucket, fetch->pool, fetch->bucket.uri.prefix);
    while (!fetch->stop) {
        while (!fetch->stop && fetch->next < fetch->count && http_pool_has_room(fetch->pool))
            start_next(fetch);
        if (!http_pool_is_busy(fetch->pool) && fetch->next == fetch->count)
            break;
        http_pool_step(fetch->pool, IDLE_MS);
    }
    /* Ends the transfers of a failed run. */
    http_pool_free(fetch->pool);
    s3_takers_free(fetch->takers);
    fetch->pool = NULL;
    fetch->takers = NULL;
    s3_list_free(&list);
    struct buffer warning = {0};
    if (s3_bucket_explain_region(&fetch->bucket, &warning))
        message_warning("%s", warning.data);
    buffer_free(&warning);
    if (fetch->corrupt > NAMED_MAX)
        message_error("%llu more %s corrupt; replace or delete those above, then run fetch again, "
                      "which names the others",
                      (unsigned long long)(fetch->corrupt - NAMED_MAX),
                      by_number(fetch->corrupt - NAMED_MAX, "object in the bucket is",
                                "objects in the bucket are"));
    bool named = target_finish(fetch->target);
    return named && !fetch->stop && !fetch->failures.count && !fetch->corrupt;
}

static void print_end(const struct fetch *fetch)
{
    char left_out[64] = "";
    if (fetch->left_out)
        snprintf(left_out, sizeof left_out, ", %llu left out", (unsigned long long)fetch->left_out);
    message_note("%llu %s fetched (%llu %s), %llu unchanged%s", (unsigned long long)fetch->fetched,
                 by_number(fetch->fetched, "object", "objects"),
                 (unsigned long long)fetch->fetched_bytes,
                 by_number(fetch->fetched_bytes, "byte", "bytes"),
                 (unsigned long long)fetch->unchanged, left_out);
}

static int usage(const char *what)
{
    message_error("fetch: %s; see awstats-cloudfront fetch --help", what);
    return EXIT_USAGE;
}

int command_fetch(const struct options *options)
{
    const struct site *site = &options->site;
    const char *uri = options->site_given ? site->source : options->sources[0];
    struct fetch fetch = {.lock = PTHREAD_MUTEX_INITIALIZER};
    int status = EXIT_FAILED;
    if (options->source_count > 1)
        return usage("takes only one source");
    if (site_kind(uri) == SITE_SEVERAL)
        return usage("the site has several sources; name the one to fetch, s3://BUCKET/PREFIX, "
                     "instead of the site");
    if (site_kind(uri) != SITE_BUCKET)
        return usage(options->site_given ? "the site's source must be s3://BUCKET/PREFIX"
                                         : "needs --site NAME or s3://BUCKET/PREFIX");
    if (!options->to)
        return usage("needs --to DIR");

    struct buffer error = {0};
    const struct s3_access access = site_access(site);
    if (s3_bucket_open(&fetch.bucket, uri, &access, &error) < 0)
        goto out;
    key_filter_init(&fetch.filter, uri, site->include, site->exclude);
    const char *slash = strrchr(fetch.bucket.uri.prefix, '/');
    fetch.folder_size = slash ? (size_t)(slash + 1 - fetch.bucket.uri.prefix) : 0;
    enum target_result opened = target_open(&fetch.target, options->to, &error);
    if (opened == TARGET_BUSY)
        status = EXIT_RUNNING;
    if (opened != TARGET_OPEN)
        goto out;
    fetch.pool = s3_bucket_pool(&fetch.bucket, options->transfers, &error);
    if (!fetch.pool || !run(&fetch))
        goto out;
    print_end(&fetch);
    status = EXIT_DONE;
out:
    if (error.size)
        message_error("%s", error.data);
    buffer_free(&error);
    target_close(fetch.target);
    for (size_t i = fetch.next; i < fetch.count; i++)
        free(fetch.objects[i].key);
    free(fetch.objects);
    while (fetch.spare) {
        struct spare_check *check = fetch.spare;
        fetch.spare = check->next;
        gzip_check_free(&check->gzip);
        free(check);
    }
    s3_bucket_close(&fetch.bucket);
    return status;
}
