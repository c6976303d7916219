/* prepare: stores the outcomes of all objects in the ledger, and finds the objects whose logs were counted or read
 * before.  As in an update, this happens before AWStats counts the first record, so the batch has the same records
 * whatever happens later. */
#include <stdlib.h>
#include <string.h>

#include "batch/messages.h"
#include "batch/other_hosts.h"
#include "memory/allocate.h"
#include "shards/map.h"
#include "shards/outcomes.h"
#include "shards/prepared.h"
#include "shards/work.h"
#include "source/source.h"
#include "text/by_number.h"
#include "text/message.h"

/* A part with its outcomes. */
struct prepared_part {
    struct part part;
    struct outcomes outcomes;
    bool *is_dropped, *is_in_batch; /* of each object */
};

struct preparing {
    struct task *task;
    struct source source;
    struct batch *batch;
    struct prepared_part *parts;
    struct {
        unsigned part;
        size_t number;
    } * places; /* of the batch's objects */
    struct prepared prepared;
    struct prepared earlier; /* written by another prepare */
    bool is_known;           /* `earlier` was written */
};

/* Reads the parts and the outcomes that the maps have written. */
static bool read_parts(struct preparing *preparing)
{
    struct task *task = preparing->task;
    preparing->prepared.parts = task->plan.parts;
    preparing->prepared.folders =
        memory_allocate(task->plan.parts, sizeof *preparing->prepared.folders);
    bool done = work_fetch_maps(task, preparing->prepared.folders);
    preparing->parts = memory_allocate(task->plan.parts, sizeof *preparing->parts);
    for (unsigned i = 0; done && i < task->plan.parts; i++) {
        struct prepared_part *part = &preparing->parts[i];
        done = part_read(task, &part->part, i) &&
               outcomes_read(task, &part->outcomes, i, part->part.count);
        part->is_dropped = memory_allocate(part->part.count + 1, sizeof *part->is_dropped);
        part->is_in_batch = memory_allocate(part->part.count + 1, sizeof *part->is_in_batch);
    }
    return done;
}

static bool fail_batch(struct task *task)
{
    return task_fail_to_abandon(
        task, "the batch that waits in the ledger is not the batch of the plan; give the "
              "plan up, and plan again: ");
}

/* Finds the objects of the batch in the parts; both are in the order of the keys.  The batch may lack objects of the
 * parts, which an earlier prepare removed before it was killed. */
static bool find_places(struct preparing *preparing)
{
    struct task *task = preparing->task;
    size_t count, number = 0;
    const struct source_object *objects = batch_get_objects(preparing->batch, &count);
    unsigned part = 0;
    preparing->places = memory_allocate(count + 1, sizeof *preparing->places);
    for (size_t i = 0; i < count; number++) {
        while (part < task->plan.parts && number == preparing->parts[part].part.count) {
            part++;
            number = 0;
        }
        if (part == task->plan.parts)
            return fail_batch(task);
        if (strcmp(preparing->parts[part].part.objects[number].key, objects[i].key) != 0)
            continue;
        preparing->parts[part].is_in_batch[number] = true;
        preparing->places[i].part = part;
        preparing->places[i++].number = number;
    }
    return true;
}

/* Passes the outcomes of the objects to the batch. */
static bool set_outcomes(struct preparing *preparing)
{
    size_t count;
    batch_get_objects(preparing->batch, &count);
    for (size_t i = 0; i < count; i++) {
        const struct prepared_part *part = &preparing->parts[preparing->places[i].part];
        const struct outcome *outcome = &part->outcomes.objects[preparing->places[i].number];
        if (outcome->is_read)
            batch_set_read(preparing->batch, i, &outcome->digest, outcome->stays);
        else if (!batch_leave_out(preparing->batch, i, outcome->why, outcome->error))
            return task_fail_to_abandon(
                preparing->task,
                "%s; correct this, then give the plan up, and plan again: ", outcome->error);
    }
    return true;
}

static void drop(void *user, size_t object)
{
    struct preparing *preparing = user;
    struct prepared_part *part = &preparing->parts[preparing->places[object].part];
    part->is_dropped[preparing->places[object].number] = true;
}

/* Drops the objects, too, that an earlier prepare has removed from the batch. */
static void drop_earlier(struct preparing *preparing)
{
    for (unsigned i = 0; i < preparing->task->plan.parts; i++) {
        struct prepared_part *part = &preparing->parts[i];
        for (size_t number = 0; number < part->part.count; number++)
            part->is_dropped[number] |=
                part->outcomes.objects[number].is_read && !part->is_in_batch[number];
    }
}

/* Checks the hosts, and prepares the batch. */
static bool prepare_batch(struct preparing *preparing)
{
    struct batch_hosts hosts = {0};
    struct ledger_revision revision = {0};
    struct prepared *prepared = &preparing->prepared;
    for (unsigned i = 0; i < preparing->task->plan.parts; i++) {
        const struct prepared_part *part = &preparing->parts[i];
        hosts.has_own |= part->outcomes.has_own;
        hosts.others += part->outcomes.other_hosts;
        if (part->outcomes.other_hosts)
            hosts.example = part->outcomes.other_host;
        for (size_t number = 0; number < part->part.count; number++)
            if (!part->is_dropped[number])
                revision.bad += part->outcomes.objects[number].bad;
    }
    if (!batch_check_hosts(preparing->batch, &hosts) || !batch_prepare(preparing->batch, &revision))
        return false;
    memcpy(prepared->batch, batch_get(preparing->batch)->id, sizeof prepared->batch);
    const char *former = batch_former(preparing->batch);
    prepared->previous = memory_copy_text(batch_previous(preparing->batch));
    prepared->former = memory_copy_optional(former);
    prepared->quarantined = batch_count_quarantined(preparing->batch);
    return true;
}

/* Whether the second reading of a part has found the same texts as the first.  Objects may be gone or changed
 * since the part was mapped. */
static bool is_read_alike(struct task *task, const struct prepared_part *part,
                          const bool *is_dropped, const struct outcomes *again)
{
    for (size_t i = 0; i < part->part.count; i++) {
        const struct outcome *first = &part->outcomes.objects[i], *second = &again->objects[i];
        if (!is_dropped[i] &&
            !(second->is_read && digest_compare(&first->digest, &second->digest) == 0))
            return task_fail_to_abandon(
                task,
                "%s: this object was read before, and cannot be read again, which is "
                "needed to leave out the copies in its part: %s; run prepare again "
                "when the object is as it was, or give the plan up: ",
                part->part.objects[i].key,
                second->is_read ? "its text has changed" : second->error);
    }
    return true;
}

/* Reads a part again, without its copies.  Stores the place of the new logs in *LOGS, which the caller frees. */
static bool read_again(struct task *task, unsigned number, const struct prepared_part *part,
                       char **logs)
{
    struct outcomes outcomes = {0};
    bool *is_dropped = memory_allocate(part->part.count + 1, sizeof *is_dropped);
    for (size_t i = 0; i < part->part.count; i++)
        is_dropped[i] = part->is_dropped[i] || !part->outcomes.objects[i].is_read;
    char *path = path_of("%s/maps/%u.prepared", task->folder, number);
    char *folder = task_make_folder(task, path);
    bool done = folder && map_part(task, &part->part, is_dropped, folder, &outcomes) &&
                is_read_alike(task, part, is_dropped, &outcomes);
    if (done) {
        remove_tree(path); /* a killed prepare may have left this folder */
        done = task_put_in_place(task, folder, path);
    } else if (folder) {
        remove_tree(folder);
    }
    if (done) {
        free(*logs);
        *logs = work_publish_logs(task, number, path);
        done = *logs;
    }
    outcomes_free(&outcomes);
    free(is_dropped);
    free(folder);
    free(path);
    return done;
}

/* Chooses the folder of a part's logs.  A part with copies is read again, into a new folder. */
static bool choose_folder(struct preparing *preparing, unsigned number)
{
    struct task *task = preparing->task;
    const struct prepared_part *part = &preparing->parts[number];
    char **folder = &preparing->prepared.folders[number];
    return !memchr(part->is_dropped, 1, part->part.count) || read_again(task, number, part, folder);
}

/* Looks for the result of another prepare. */
static bool find_earlier(struct preparing *preparing)
{
    int found = prepared_read(preparing->task, &preparing->earlier);
    preparing->is_known = found > 0;
    return found >= 0;
}

/* Whether the plan is still the site's.  If not, stores the error that it is over. */
static bool check_planned(struct task *task)
{
    bool is = false;
    if (!task_is_planned(task, &is))
        return false;
    return is || task_fail_plan_over(task);
}

/* Takes the plan's batch, with the lock of the ledger.  If the plan was collected while this task waited for the
 * lock, no new batch may begin in its place. */
static bool take_batch(struct preparing *preparing)
{
    struct task *task = preparing->task;
    struct batch_options options = task_batch_options(task, true);
    options.id = task->plan.batch;
    if (batch_take(&preparing->batch, &preparing->source, &task->site, &options, &task->error))
        return true;
    if (task->error.reason != BATCH_IS_OTHER)
        return false;
    batch_error_free(&task->error);
    return check_planned(task) && fail_batch(task);
}

static bool prepare(struct preparing *preparing)
{
    struct task *task = preparing->task;
    if (!find_earlier(preparing))
        return false;
    if (preparing->is_known)
        return true;
    if (!check_planned(task) || !task_check_settings(task) || !read_parts(preparing) ||
        !take_batch(preparing) || !find_earlier(preparing))
        return false;
    /* Another prepare may have written its result while this one waited for the lock of the ledger. */
    if (preparing->is_known)
        return true;
    if (!find_places(preparing) || !set_outcomes(preparing))
        return false;
    drop_earlier(preparing);
    if (!batch_drop_copies(preparing->batch, drop, preparing))
        return false;
    for (unsigned i = 0; i < task->plan.parts; i++)
        if (!choose_folder(preparing, i))
            return false;
    if (!prepare_batch(preparing))
        return false;
    print_left_out(&task->site, preparing->batch);
    return prepared_write(task, &preparing->prepared);
}

static void free_parts(struct preparing *preparing)
{
    for (unsigned i = 0; preparing->parts && i < preparing->task->plan.parts; i++) {
        struct prepared_part *part = &preparing->parts[i];
        part_free(&part->part);
        outcomes_free(&part->outcomes);
        free(part->is_dropped);
        free(part->is_in_batch);
    }
    free(preparing->parts);
}

int shards_prepare(const struct shards_options *options)
{
    struct task task;
    struct preparing preparing = {.task = &task};
    bool done = task_begin(&task, options);
    done = done && prepare(&preparing);
    source_close(&preparing.source);
    batch_free(preparing.batch);
    if (done)
        message_result("[%s]: the outcomes of all objects are %s", task.site.name,
                       preparing.is_known ? "known already"
                                          : "in the ledger; the shards may be counted");
    free_parts(&preparing);
    free(preparing.places);
    prepared_free(&preparing.prepared);
    prepared_free(&preparing.earlier);
    return task_end(&task, done);
}
