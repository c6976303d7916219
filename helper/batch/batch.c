#include "batch/batch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "batch/clean_up.h"
#include "batch/new_objects.h"
#include "batch/owner.h"
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
    struct site site; /* the caller's, with source as owner_take() gives it */
    char *source;
    char *path; /* of the ledger */
    unsigned transfers;
    int lock;
    struct ledger *ledger;
    struct ledger_batch current;
    char previous[LEDGER_ID_SIZE];
    struct buffer replaced;
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

/* An ID sorts by the time it was made, which is stored in *SECONDS (UTC). */
static bool make_id(char id[LEDGER_ID_SIZE], int64_t *seconds)
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
    snprintf(id, LEDGER_ID_SIZE, "%s-%06ld-%08x", stamp, now.tv_nsec / 1000, random);
    *seconds = now.tv_sec;
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

/* Takes the lock, and opens the ledger, which must be the site's unless ANY_OWNER is set. */
static enum batch_result open_ledger(struct batch **result, const struct site *site,
                                     const struct batch_options *options, bool any_owner)
{
    struct batch *batch = calloc(1, sizeof *batch);
    *result = batch;
    if (!batch) {
        out_of_memory();
        return BATCH_FAILED;
    }
    batch->site = *site;
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
    return ledger_open(&batch->ledger, batch->path, true) == 1 &&
                   (any_owner || owner_is(batch->ledger, site, batch->path))
               ? BATCH_DONE
               : BATCH_FAILED;
}

/* Makes the site's source what the ledger is of.  OPEN: the batch under way, or NULL. */
static bool take_source(struct batch *batch, const struct ledger_batch *open)
{
    if (!owner_take(batch->ledger, &batch->site, open, &batch->source))
        return false;
    batch->site.source = batch->source;
    return true;
}

enum batch_result batch_take(struct batch **result, struct source *source, const struct site *site,
                             const struct batch_options *options)
{
    enum batch_result opened = open_ledger(result, site, options, false);
    struct batch *batch = *result;
    if (opened != BATCH_DONE)
        return opened;
    if (!strcmp(site->source, "-")) {
        message_error("[%s]: a site's source cannot be the standard input", site->name);
        return BATCH_FAILED;
    }
    int found = ledger_get_batch(batch->ledger, &batch->current);
    if (found < 0 || !take_source(batch, found ? &batch->current : NULL))
        return BATCH_FAILED;
    site = &batch->site;
    batch_clean_up(batch);
    if (source_connect(source, site->source, site, options->transfers) < 0)
        return BATCH_FAILED;
    if (found) {
        message_verbose("batch %s is taken up again", batch->current.id);
    } else {
        batch->current.writes_open = !options->commits_later;
        if (!make_id(batch->current.id, &batch->current.begun) ||
            !listing_begin_batch(batch->ledger, &batch->current, source, site,
                                 options->lists_fully))
            return BATCH_FAILED;
    }
    if (!ledger_visit_batch(batch->ledger, keep_object, batch) ||
        !ledger_get_views(batch->ledger, &batch->views, &batch->views_size) ||
        !ledger_get_previous(batch->ledger, batch->previous) ||
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
    free(batch->source);
    buffer_free(&batch->replaced);
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

const char *batch_previous(const struct batch *batch)
{
    return batch->previous;
}

const char *batch_replaced(const struct batch *batch)
{
    return batch->replaced.size ? batch->replaced.data : "";
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

static bool is_gone(const struct left_out *left_out)
{
    return left_out->note == BATCH_GONE || left_out->note == BATCH_CHANGED;
}

/* Whether what was left out is a matter of single objects, and of objects that nobody has counted
 * yet. */
static bool may_leave_out(const struct batch *batch, char *const *names)
{
    size_t gone = 0;
    for (size_t i = 0; i < batch->left_out_count; i++)
        gone += is_gone(&batch->left_out[i]);
    if (batch->current.handed_out && gone && gone == batch->count) {
        message_error("none of the objects of batch %s, which is not committed yet, is there any "
                      "more, such as %s; is the source %s? If they are gone for good, run: "
                      "awstats-cloudfront commit --site=%s --batch=%s",
                      batch->current.id, names[batch->left_out[0].object], batch->site.source,
                      batch->site.name, batch->current.id);
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
        if (batch->current.handed_out && !is_gone(left_out)) {
            message_error("%s: %s; it was read before for batch %s, which is not committed yet: "
                          "make it readable again",
                          name, left_out->cause, batch->current.id);
            return false;
        }
    }
    return true;
}

/* The batch is another one without these objects, and was handed out with them. */
static void say_missing(const struct batch *batch, char *const *names)
{
    const struct left_out *first = &batch->left_out[0];
    struct buffer others = {0};
    if (batch->left_out_count > 1)
        buffer_printf(&others, " and %zu more", batch->left_out_count - 1);
    message_warning("%s%s: %s; batch %s is without %s, and counts only if none of these was "
                    "counted: %s",
                    names[first->object], others.size ? others.data : "", first->cause,
                    batch->current.id, others.size ? "them" : "it", batch->replaced.data);
    buffer_free(&others);
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
                      more, batch->site.name);
    if (still)
        message_note("%zu objects that were set aside before still cannot be read; "
                     "awstats-cloudfront status --site %s names them",
                     still, batch->site.name);
}

/* A batch that was handed out before is the same, or, when objects of it cannot be had any more,
 * another one with an ID of its own. */
static bool hand_out_again(struct batch *batch, char *const *names,
                           const struct ledger_outcome *outcome)
{
    size_t count = batch->left_out_count;
    const char **missing = calloc(count + 1, sizeof *missing);
    char id[LEDGER_ID_SIZE];
    int64_t now;
    if (!missing)
        return out_of_memory();
    for (size_t i = 0; i < count; i++)
        missing[i] = batch->objects[batch->left_out[i].object].key;
    bool done = make_id(id, &now) &&
                ledger_hand_out_again(batch->ledger, missing, count, id, outcome) &&
                ledger_get_batch(batch->ledger, &batch->current) > 0 &&
                ledger_get_replaced(batch->ledger, &batch->replaced);
    free(missing);
    if (done && count)
        say_missing(batch, names);
    return done;
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
    if (batch->current.handed_out)
        return hand_out_again(batch, names, outcome);
    struct ledger_left_out *left_out = calloc(count + 1, sizeof *left_out);
    if (!left_out)
        return out_of_memory();
    for (size_t i = 0; i < count; i++) {
        left_out[i] = (struct ledger_left_out){
            .key = batch->objects[batch->left_out[i].object].key,
            .fate = is_gone(&batch->left_out[i]) ? LEDGER_GONE : LEDGER_ASIDE,
            .cause = batch->left_out[i].cause,
        };
        *aside += !is_gone(&batch->left_out[i]);
    }
    bool done = ledger_hand_out(batch->ledger, left_out, count, outcome);
    free(left_out);
    if (done)
        say_left_out(batch, names);
    return done;
}

/* PREVIOUS as for ledger_set_previous(). */
static bool commit(struct batch *batch, const char *id, const char *previous)
{
    if (!ledger_commit(batch->ledger, id, batch->site.after != SITE_AFTER_KEEP, previous))
        return false;
    message_verbose("batch %s is committed", id);
    return true;
}

bool batch_commit(struct batch *batch)
{
    return commit(batch, batch->current.id, "");
}

void batch_clean_up(struct batch *batch)
{
    clean_up_run(batch->ledger, &batch->site, batch->transfers);
}

static bool commit_by_id(struct batch *batch, const char *id, const char *previous)
{
    char last[LEDGER_ID_SIZE];
    int found = ledger_get_batch(batch->ledger, &batch->current);
    int handed_out = found > 0 ? ledger_has_handed_out(batch->ledger, id) : 0;
    if (found < 0 || handed_out < 0 || !ledger_get_last_id(batch->ledger, last))
        return false;
    if (handed_out)
        return commit(batch, id, previous);
    if (*last && !strcmp(last, id)) {
        message_verbose("batch %s was committed before", id);
        return !*previous || ledger_set_previous(batch->ledger, previous);
    }
    if (found && !strcmp(batch->current.id, id))
        message_error("[%s]: batch %s was not written out yet: it cannot have been counted",
                      batch->site.name, id);
    else
        message_error("[%s]: there is no batch %s; the open one is %s, the last committed is %s",
                      batch->site.name, id, found ? batch->current.id : "none",
                      *last ? last : "none");
    return false;
}

enum batch_result batch_commit_by_id(const struct site *site, const char *id, const char *previous,
                                     const struct batch_options *options)
{
    struct batch *batch;
    enum batch_result result = open_ledger(&batch, site, options, false);
    if (result == BATCH_DONE && !commit_by_id(batch, id, previous))
        result = BATCH_FAILED;
    if (result == BATCH_DONE && site->after != SITE_AFTER_KEEP) {
        /* Another source than the ledger's is for the next batch to settle. */
        int open = ledger_get_batch(batch->ledger, &batch->current);
        if (open >= 0 && take_source(batch, open ? &batch->current : NULL))
            batch_clean_up(batch);
    }
    batch_free(batch);
    return result;
}

enum batch_result batch_set_previous(const struct site *site, const char *previous,
                                     const struct batch_options *options)
{
    struct batch *batch;
    enum batch_result result = open_ledger(&batch, site, options, true);
    if (result == BATCH_DONE &&
        !(owner_replace(batch->ledger, site) && ledger_set_previous(batch->ledger, previous)))
        result = BATCH_FAILED;
    batch_free(batch);
    return result;
}
