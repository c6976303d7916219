#include "batch/batch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "batch/clean_up.h"
#include "batch/listing.h"
#include "ledger/lock.h"
#include "text/message.h"

enum {
    NAMED_MAX = 10,    /* objects that are named, of those left out */
    FORBIDDEN_MAX = 10 /* objects forbidden, and none had, that are enough to give up */
};

/* An object that is left out for what came of it in this run. */
struct left_out {
    size_t object;
    enum batch_note note;
    char *cause;
};

struct batch {
    const struct site *site;
    char *path; /* of the ledger */
    unsigned transfers;
    int lock;
    struct ledger *ledger;
    struct ledger_batch current;
    void *views;
    size_t views_size;
    struct source_object *objects; /* to be read; their texts are owned: one piece each, at key */
    bool *was_aside;               /* of each object */
    size_t count, capacity;
    uint64_t aside_before; /* left out when the batch was handed out before */
    pthread_mutex_t mutex; /* of what follows */
    struct left_out *left_out;
    size_t left_out_count, left_out_capacity;
    size_t had, forbidden; /* objects; those forbidden that were not set aside before */
    bool failed;
};

static bool out_of_memory(void)
{
    message_error("out of memory");
    return false;
}

/* An ID sorts by the time it was made. */
static bool make_id(struct ledger_batch *batch)
{
    uint32_t random;
    struct timespec now;
    struct tm tm;
    char stamp[sizeof "YYYYMMDD-HHMMSS"];
    if (getrandom(&random, sizeof random, 0) != sizeof random) {
        message_error("no random numbers can be had from the system");
        return false;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", gmtime_r(&now.tv_sec, &tm));
    snprintf(batch->id, sizeof batch->id, "%s-%06ld-%08x", stamp, now.tv_nsec / 1000, random);
    batch->begun = now.tv_sec;
    return true;
}

static bool keep_object(void *user, const struct ledger_object *object, enum ledger_fate fate,
                        bool was_aside)
{
    struct batch *batch = user;
    batch->aside_before += fate == LEDGER_ASIDE;
    if (fate != LEDGER_READ)
        return true;
    if (batch->count == batch->capacity) {
        size_t capacity = batch->capacity ? 2 * batch->capacity : 256;
        struct source_object *objects = realloc(batch->objects, capacity * sizeof *objects);
        if (objects)
            batch->objects = objects;
        bool *aside = realloc(batch->was_aside, capacity * sizeof *aside);
        if (aside)
            batch->was_aside = aside;
        if (!objects || !aside)
            return out_of_memory();
        batch->capacity = capacity;
    }
    size_t key_size = strlen(object->key) + 1, tag_size = strlen(object->tag) + 1;
    char *texts = malloc(key_size + tag_size);
    if (!texts)
        return out_of_memory();
    memcpy(texts, object->key, key_size);
    memcpy(texts + key_size, object->tag, tag_size);
    batch->was_aside[batch->count] = was_aside;
    struct source_object *kept = &batch->objects[batch->count++];
    kept->key = texts;
    kept->tag = texts + key_size;
    kept->size = object->size;
    kept->modified = object->modified;
    return true;
}

/* Takes the lock, and opens the ledger. */
static enum batch_result open_ledger(struct batch **result, const struct site *site,
                                     const struct batch_options *options)
{
    struct batch *batch = calloc(1, sizeof *batch);
    *result = batch;
    if (!batch) {
        out_of_memory();
        return BATCH_FAILED;
    }
    batch->site = site;
    batch->transfers = options->transfers;
    batch->lock = -1;
    pthread_mutex_init(&batch->mutex, NULL);
    batch->path = site_state_path(site);
    if (!batch->path) {
        out_of_memory();
        return BATCH_FAILED;
    }
    switch (lock_take(&batch->lock, batch->path, options->wait)) {
    case LOCK_HELD:
        break;
    case LOCK_TAKEN_BY_OTHER:
        return BATCH_HELD;
    default:
        return BATCH_FAILED;
    }
    return ledger_open(&batch->ledger, batch->path, true) == 1 ? BATCH_DONE : BATCH_FAILED;
}

enum batch_result batch_take(struct batch **result, struct source *source, const struct site *site,
                             const struct batch_options *options)
{
    enum batch_result opened = open_ledger(result, site, options);
    struct batch *batch = *result;
    if (opened != BATCH_DONE)
        return opened;
    if (!strcmp(site->source, "-")) {
        message_error("[%s]: a site's source cannot be the standard input", site->name);
        return BATCH_FAILED;
    }
    batch_clean_up(batch);
    int found = ledger_get_batch(batch->ledger, &batch->current);
    if (found < 0 || source_connect(source, site->source, site, options->transfers) < 0)
        return BATCH_FAILED;
    if (found) {
        message_verbose("batch %s is taken up again", batch->current.id);
    } else {
        batch->current.writes_open = !options->commits_later;
        if (!make_id(&batch->current) || !listing_begin_batch(batch->ledger, &batch->current,
                                                              source, site, options->lists_fully))
            return BATCH_FAILED;
    }
    if (!ledger_visit_batch(batch->ledger, keep_object, batch) ||
        !ledger_get_views(batch->ledger, &batch->views, &batch->views_size) ||
        source_expect(source, batch->objects, batch->count) < 0)
        return BATCH_FAILED;
    message_verbose("batch %s: %zu objects", batch->current.id, batch->count);
    return BATCH_DONE;
}

void batch_free(struct batch *batch)
{
    if (!batch)
        return;
    for (size_t i = 0; i < batch->count; i++)
        free((char *)batch->objects[i].key);
    for (size_t i = 0; i < batch->left_out_count; i++)
        free(batch->left_out[i].cause);
    free(batch->left_out);
    free(batch->objects);
    free(batch->was_aside);
    free(batch->views);
    free(batch->path);
    ledger_close(batch->ledger);
    if (batch->lock >= 0)
        close(batch->lock);
    pthread_mutex_destroy(&batch->mutex);
    free(batch);
}

const struct ledger_batch *batch_get(const struct batch *batch)
{
    return &batch->current;
}

void batch_get_views(const struct batch *batch, const void **data, size_t *size)
{
    *data = batch->views;
    *size = batch->views_size;
}

static bool add_left_out(struct batch *batch, size_t object, enum batch_note note,
                         const char *cause)
{
    if (batch->left_out_count == batch->left_out_capacity) {
        size_t capacity = batch->left_out_capacity ? 2 * batch->left_out_capacity : 16;
        struct left_out *left_out = realloc(batch->left_out, capacity * sizeof *left_out);
        if (!left_out)
            return out_of_memory();
        batch->left_out = left_out;
        batch->left_out_capacity = capacity;
    }
    struct left_out *kept = &batch->left_out[batch->left_out_count];
    kept->object = object;
    kept->note = note;
    kept->cause = strdup(cause ? cause : "it cannot be read");
    if (!kept->cause)
        return out_of_memory();
    batch->left_out_count++;
    return true;
}

bool batch_note(struct batch *batch, size_t object, enum batch_note note, const char *cause)
{
    pthread_mutex_lock(&batch->mutex);
    batch->had += note == BATCH_READ || note == BATCH_UNREADABLE;
    batch->forbidden += note == BATCH_FORBIDDEN && !batch->was_aside[object];
    if (note != BATCH_READ && !add_left_out(batch, object, note, cause))
        batch->failed = true;
    bool goes_on = !batch->failed && (batch->had || batch->forbidden < FORBIDDEN_MAX);
    pthread_mutex_unlock(&batch->mutex);
    return goes_on;
}

static int compare_left_out(const void *a, const void *b)
{
    size_t x = ((const struct left_out *)a)->object, y = ((const struct left_out *)b)->object;
    return (x > y) - (x < y);
}

/* Whether what was left out is a matter of single objects, and of objects that nobody has counted
 * yet. */
static bool may_leave_out(const struct batch *batch, char *const *names)
{
    size_t gone = 0;
    for (size_t i = 0; i < batch->left_out_count; i++)
        gone += batch->left_out[i].note == BATCH_GONE;
    if (batch->current.is_handed_out && gone && gone == batch->count) {
        message_error("none of the objects of batch %s, which is not committed yet, is there any "
                      "more; is the source %s?",
                      batch->current.id, batch->site->source);
        return false;
    }
    for (size_t i = 0; i < batch->left_out_count; i++) {
        const struct left_out *left_out = &batch->left_out[i];
        const char *name = names[left_out->object];
        if (left_out->note == BATCH_FORBIDDEN && !batch->had &&
            !batch->was_aside[left_out->object]) {
            message_error("%s: %s", name, left_out->cause);
            return false;
        }
        if (batch->current.is_handed_out && left_out->note != BATCH_GONE &&
            left_out->note != BATCH_CHANGED) {
            message_error("%s: %s; it was read before for batch %s, which is not committed yet: "
                          "make it readable again",
                          name, left_out->cause, batch->current.id);
            return false;
        }
    }
    return true;
}

static void say_left_out(const struct batch *batch, char *const *names)
{
    size_t named = 0, more = 0, still = 0;
    for (size_t i = 0; i < batch->left_out_count; i++) {
        const struct left_out *left_out = &batch->left_out[i];
        const char *name = names[left_out->object];
        if (batch->was_aside[left_out->object] && left_out->note != BATCH_GONE) {
            still++;
        } else if (named++ >= NAMED_MAX) {
            more++;
        } else if (left_out->note == BATCH_GONE) {
            message_warning("%s: gone before it was read: %s", name, left_out->cause);
        } else if (left_out->note == BATCH_CHANGED) {
            message_warning("%s: %s; it is left for the next run", name, left_out->cause);
        } else {
            message_error("%s: set aside: %s", name, left_out->cause);
        }
    }
    if (more)
        message_error("%zu more objects were left out; awstats-cloudfront status --site %s names "
                      "those that are set aside",
                      more, batch->site->name);
    if (still)
        message_note("%zu objects that were set aside before still cannot be read; "
                     "awstats-cloudfront status --site %s names them",
                     still, batch->site->name);
}

bool batch_hand_out(struct batch *batch, char *const *names, const struct ledger_outcome *outcome,
                    uint64_t *aside)
{
    size_t count = batch->left_out_count;
    *aside = batch->aside_before;
    if (batch->failed)
        return false;
    if (count)
        qsort(batch->left_out, count, sizeof *batch->left_out, compare_left_out);
    if (!may_leave_out(batch, names))
        return false;
    if (batch->current.is_handed_out && !count)
        return true;
    struct ledger_left_out *left_out = calloc(count + 1, sizeof *left_out);
    if (!left_out)
        return out_of_memory();
    for (size_t i = 0; i < count; i++) {
        enum batch_note note = batch->left_out[i].note;
        bool is_gone = note == BATCH_GONE || note == BATCH_CHANGED;
        left_out[i] = (struct ledger_left_out){
            .key = batch->objects[batch->left_out[i].object].key,
            .fate = is_gone ? LEDGER_GONE : LEDGER_ASIDE,
            .cause = batch->left_out[i].cause,
        };
        *aside += !is_gone;
    }
    bool done = ledger_hand_out(batch->ledger, left_out, count, outcome);
    free(left_out);
    if (done)
        say_left_out(batch, names);
    return done;
}

bool batch_commit(struct batch *batch)
{
    if (!ledger_commit(batch->ledger, batch->site->after != SITE_AFTER_KEEP))
        return false;
    message_verbose("batch %s is committed", batch->current.id);
    return true;
}

void batch_clean_up(struct batch *batch)
{
    clean_up_run(batch->ledger, batch->site, batch->transfers);
}

enum batch_result batch_commit_by_id(const struct site *site, const char *id,
                                     const struct batch_options *options)
{
    struct batch *batch;
    char last[LEDGER_ID_SIZE];
    enum batch_result result = open_ledger(&batch, site, options);
    if (result != BATCH_DONE)
        goto out;
    result = BATCH_FAILED;
    int found = ledger_get_batch(batch->ledger, &batch->current);
    if (found < 0 || !ledger_get_last_id(batch->ledger, last))
        goto out;
    if (found && !strcmp(batch->current.id, id)) {
        if (!batch->current.is_handed_out)
            message_error("[%s]: batch %s was not written out yet: it cannot have been counted",
                          site->name, id);
        else if (batch_commit(batch))
            result = BATCH_DONE;
    } else if (*last && !strcmp(last, id)) {
        message_verbose("batch %s was committed before", id);
        result = BATCH_DONE;
    } else {
        message_error("[%s]: there is no batch %s; the open one is %s, the last committed is %s",
                      site->name, id, found ? batch->current.id : "none", *last ? last : "none");
    }
    if (result == BATCH_DONE)
        batch_clean_up(batch);
out:
    batch_free(batch);
    return result;
}
