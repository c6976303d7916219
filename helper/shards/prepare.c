/* settle: the outcomes of all objects go into the ledger, which decides which objects hold logs that were counted, or read,
 * before.  As in an update this comes before the first record is counted, so that the batch has the same records
 * whatever happens later. */
#include <stdlib.h>
#include <string.h>

#include "batch/messages.h"
#include "batch/other_hosts.h"
#include "memory/allocate.h"
#include "shards/map.h"
#include "shards/outcomes.h"
#include "shards/settled.h"
#include "source/source.h"
#include "text/by_number.h"
#include "text/message.h"

/* A part with its outcomes. */
struct settled_part {
    struct part part;
    struct outcomes outcomes;
    bool *is_dropped, *is_in_batch; /* of each object */
};

struct settling {
    struct task *task;
    struct source source;
    struct batch *batch;
    struct settled_part *parts;
    struct {
        unsigned part;
        size_t number;
    } * places; /* of the batch's objects */
    struct settled settled;
};

/* Reads what the maps have found. */
static bool read_parts(struct settling *settling)
{
    struct task *task = settling->task;
    bool done = true;
    settling->parts = memory_allocate(task->plan.parts, sizeof *settling->parts);
    for (unsigned i = 0; done && i < task->plan.parts; i++) {
        struct settled_part *part = &settling->parts[i];
        done = part_read(task, &part->part, i) &&
               outcomes_read(task, &part->outcomes, i, part->part.count);
        part->is_dropped = memory_allocate(part->part.count + 1, sizeof *part->is_dropped);
        part->is_in_batch = memory_allocate(part->part.count + 1, sizeof *part->is_in_batch);
    }
    return done;
}

/* Finds the objects of the batch in the parts: both are in the order of the keys.  An earlier settle, which was
 * killed, may have taken objects out of the batch. */
static bool find_places(struct settling *settling)
{
    const struct task *task = settling->task;
    size_t count, number = 0;
    const struct source_object *objects = batch_get_objects(settling->batch, &count);
    unsigned part = 0;
    settling->places = memory_allocate(count + 1, sizeof *settling->places);
    for (size_t i = 0; i < count; number++) {
        while (part < task->plan.parts && number == settling->parts[part].part.count) {
            part++;
            number = 0;
        }
        if (part == task->plan.parts)
            return task_fail(settling->task,
                             "the ledger's open batch is another one than the plan's; run: "
                             "awstats-cloudfront plan --abandon --site %s",
                             task->site.name);
        if (strcmp(settling->parts[part].part.objects[number].key, objects[i].key) != 0)
            continue;
        settling->parts[part].is_in_batch[number] = true;
        settling->places[i].part = part;
        settling->places[i++].number = number;
    }
    return true;
}

/* Tells the batch what became of its objects. */
static bool set_outcomes(struct settling *settling)
{
    size_t count;
    batch_get_objects(settling->batch, &count);
    for (size_t i = 0; i < count; i++) {
        const struct settled_part *part = &settling->parts[settling->places[i].part];
        const struct outcome *outcome = &part->outcomes.objects[settling->places[i].number];
        if (outcome->is_read)
            batch_set_read(settling->batch, i, &outcome->digest, outcome->stays);
        else if (!batch_leave_out(settling->batch, i, outcome->why, outcome->error))
            return task_fail(settling->task,
                             "%s; correct this, then give the plan up, and plan again: "
                             "awstats-cloudfront plan --abandon --site %s",
                             outcome->error, settling->task->site.name);
    }
    return true;
}

static void drop(void *user, size_t object)
{
    struct settling *settling = user;
    struct settled_part *part = &settling->parts[settling->places[object].part];
    part->is_dropped[settling->places[object].number] = true;
}

/* Drops those that an earlier settle has taken out of the batch, too. */
static void drop_earlier(struct settling *settling)
{
    for (unsigned i = 0; i < settling->task->plan.parts; i++) {
        struct settled_part *part = &settling->parts[i];
        for (size_t number = 0; number < part->part.count; number++)
            part->is_dropped[number] |=
                part->outcomes.objects[number].is_read && !part->is_in_batch[number];
    }
}

/* Checks the hosts, and prepares the batch. */
static bool prepare(struct settling *settling)
{
    struct batch_hosts hosts = {0};
    struct settled *settled = &settling->settled;
    for (unsigned i = 0; i < settling->task->plan.parts; i++) {
        const struct settled_part *part = &settling->parts[i];
        hosts.has_own |= part->outcomes.has_own;
        hosts.others += part->outcomes.other_hosts;
        if (part->outcomes.other_hosts)
            hosts.example = part->outcomes.other_host;
        settled->quarantined += part->outcomes.quarantined;
        for (size_t number = 0; number < part->part.count; number++)
            if (!part->is_dropped[number])
                settled->bad += part->outcomes.objects[number].bad;
    }
    const struct ledger_revision revision = {.bad = settled->bad};
    if (!batch_check_hosts(settling->batch, &hosts) || !batch_prepare(settling->batch, &revision))
        return false;
    settled->quarantined += batch_count_quarantined(settling->batch);
    memcpy(settled->batch, batch_get(settling->batch)->id, sizeof settled->batch);
    const char *former = batch_former(settling->batch);
    settled->previous = memory_copy_text(batch_previous(settling->batch));
    settled->former = former ? memory_copy_text(former) : NULL;
    return true;
}

/* Chooses the folder of a part's logs: a new one where objects are dropped. */
static bool choose_folder(struct settling *settling, unsigned number)
{
    struct task *task = settling->task;
    const struct settled_part *part = &settling->parts[number];
    char **folder = &settling->settled.folders[number];
    if (!memchr(part->is_dropped, 1, part->part.count)) {
        *folder = path_of("%s/maps/%u", task->work, number);
        return true;
    }
    char *path = path_of("%s/maps/%u.settled", task->work, number);
    *folder = task_make_folder(task, path);
    free(path);
    return *folder && map_part(task, &part->part, part->is_dropped, *folder);
}

static bool settle(struct settling *settling)
{
    struct task *task = settling->task;
    const struct batch_options options = {.transfers = task->options->transfers,
                                          .wait = task->options->wait,
                                          .is_planned = true,
                                          .end = BATCH_PREPARE};
    bool is = false;
    if (!task_is_planned(task, &is))
        return false;
    if (!is)
        return task_fail(task,
                         "the plan in %s is over: it was given up, or its batch is counted; "
                         "nothing is to be done",
                         task->work);
    if (!read_parts(settling) ||
        !batch_take(&settling->batch, &settling->source, &task->site, &options, &task->error) ||
        !find_places(settling) || !set_outcomes(settling))
        return false;
    drop_earlier(settling);
    if (!batch_drop_copies(settling->batch, drop, settling) || !prepare(settling))
        return false;
    print_left_out(&task->site, settling->batch);
    settling->settled.parts = task->plan.parts;
    settling->settled.folders =
        memory_allocate(task->plan.parts, sizeof *settling->settled.folders);
    for (unsigned i = 0; i < task->plan.parts; i++)
        if (!choose_folder(settling, i))
            return false;
    return settled_write(task, &settling->settled);
}

static void free_parts(struct settling *settling)
{
    for (unsigned i = 0; settling->parts && i < settling->task->plan.parts; i++) {
        struct settled_part *part = &settling->parts[i];
        part_free(&part->part);
        outcomes_free(&part->outcomes);
        free(part->is_dropped);
        free(part->is_in_batch);
    }
    free(settling->parts);
}

int shards_settle(const struct shards_options *options)
{
    struct task task;
    struct settling settling = {.task = &task};
    bool done = task_begin(&task, options);
    struct settled earlier = {0};
    int found = done ? settled_read(&task, &earlier) : -1;
    settled_free(&earlier);
    if (found == 0) {
        done = settle(&settling);
        source_close(&settling.source);
        batch_free(settling.batch);
    } else {
        done = found > 0;
    }
    if (done)
        message_result("[%s]: the outcomes of all objects are %s", task.site.name,
                       found ? "known already" : "in the ledger; the shards may be counted");
    free_parts(&settling);
    free(settling.places);
    settled_free(&settling.settled);
    return task_end(&task, done);
}
