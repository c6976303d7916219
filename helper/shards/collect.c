/* collect: merges the histories of the shards into the site's, and commits the batch. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "awstats/history.h"
#include "batch/batch.h"
#include "files/folders.h"
#include "files/read_file.h"
#include "files/temporary.h"
#include "historyfile/merge.h"
#include "memory/allocate.h"
#include "shards/check_figures.h"
#include "shards/complete.h"
#include "shards/counted.h"
#include "shards/figures_sum.h"
#include "shards/formats.h"
#include "shards/generation.h"
#include "shards/newest.h"
#include "shards/prepared.h"
#include "shards/unchanged.h"
#include "shards/work.h"
#include "text/by_number.h"
#include "text/message.h"
#include "text/percent.h"
#include "update/history.h"

struct collection {
    struct task *task;
    struct prepared prepared;
    struct counted *counted; /* of each shard */
    struct figures_sum sum;
    struct buffer periods; /* those that the shards have counted, "202610 202611" */
    char **names;          /* of the history files that the batch has changed */
    size_t count, capacity;
    char *merged;    /* the folder of the sums */
    char *replacing; /* a folder: while it exists, nobody can give the plan up */
    unsigned shard;  /* the shard whose files add_name() visits */
    int lock;
};

/* Adds the periods of TEXT, "202610 202611", that are not in PERIODS. */
static void add_periods(struct buffer *periods, const char *text)
{
    for (; *text; text += strspn(text, " ")) {
        size_t size = strcspn(text, " ");
        char *period = memory_copy_bytes(text, size);
        if (!periods->size || !strstr(periods->data, period))
            buffer_printf(periods, "%s%s", periods->size ? " " : "", period);
        free(period);
        text += size;
    }
}

/* Whether the history of a shard has all its files. */
static bool check_complete(struct task *task, unsigned shard)
{
    char *lost = NULL, *folder = path_of("%s/%u", task->plan.generation, shard);
    char *reduce = path_of("reduce --shard=%u", shard);
    int is = complete_is(task, folder, &lost);
    if (is == 0)
        task_fail_to_run(task, reduce,
                         "%s/%s " COMPLETE_LOST "; remove the folder %s to count shard %u again, "
                         "and run: ",
                         folder, lost, folder, shard);
    free(reduce);
    free(folder);
    free(lost);
    return is > 0;
}

/* Whether AWStats has counted the shard NUMBER in the version that has counted the shards before it; else with the
 * error. */
static bool check_version(const struct collection *collection, unsigned number)
{
    const char *version = collection->counted[number].version;
    unsigned other = 0;
    while (other < number && !*collection->counted[other].version)
        other++;
    const char *first = collection->counted[other].version;
    return !*version || !strcmp(first, version) ||
           task_fail_to_abandon(collection->task,
                                "shard %u was counted by AWStats %s, but shard %u by AWStats %s, "
                                "which count differently; use one version on all machines; give "
                                "the plan up, and plan again: ",
                                other, first, number, version);
}

/* Reads the results of all shards, and adds their figures up. */
static bool read_counted(struct collection *collection)
{
    struct task *task = collection->task;
    unsigned count = task->plan.shards;
    collection->counted = memory_allocate(count, sizeof *collection->counted);
    for (unsigned i = 0; i < count; i++) {
        int found = counted_read(task, &collection->counted[i], i);
        if (found == 0) {
            char *reduce = path_of("reduce --shard=%u", i);
            task_fail_to_run(task, reduce, "shard %u of %u is not counted yet; run: ", i, count);
            free(reduce);
            return false;
        }
        if (found < 0 || !check_complete(task, i) || !check_version(collection, i))
            return false;
        figures_sum_add(&collection->sum, collection->counted[i].figures);
        add_periods(&collection->periods, collection->counted[i].files);
    }
    figures_sum_end(&collection->sum);
    return true;
}

/* ---- which files ------------------------------------------------------------------------------ */

/* Adds a name once. */
static void add(struct collection *collection, const char *name)
{
    for (size_t i = 0; i < collection->count; i++)
        if (!strcmp(collection->names[i], name))
            return;
    collection->names = array_grow(collection->names, collection->count, &collection->capacity,
                                   sizeof *collection->names);
    collection->names[collection->count++] = memory_copy_text(name);
}

/* Adds the name of a shard's history file, unless the file is the same as in the generation before. */
static bool add_name(void *user, const char *name)
{
    struct collection *collection = user;
    const struct plan *plan = &collection->task->plan;
    char *path = path_of("%s/%u/%s", plan->generation, collection->shard, name);
    char *before = path_of("%s/%u/%s", plan->before ? plan->before : "", collection->shard, name);
    if (!is_same_file(path, before))
        add(collection, name);
    free(path);
    free(before);
    return true;
}

static bool keep_newest(void *user, const char *name)
{
    char **newest = user;
    free(*newest);
    *newest = memory_copy_text(name);
    return true;
}

/* Returns the name of the first file after the file NAME, by time, of a period that the batch has counted; NULL when
 * there is none. */
static const char *next_name(const struct collection *collection, const char *name)
{
    const char *next = NULL;
    for (size_t i = 0; i < collection->count; i++) {
        char period[AWSTATS_PERIOD_SIZE], *const *other = &collection->names[i];
        awstats_history_period(period, history_date(*other));
        if (compare_histories(other, &name) > 0 && collection->periods.size &&
            strstr(collection->periods.data, period) &&
            (!next || compare_histories(other, &next) < 0))
            next = *other;
    }
    return next;
}

/* Adds the site's newest file when the batch begins a later period: AWStats then saves this file again, since all
 * visits in it have ended. */
static bool add_left(struct collection *collection)
{
    struct task *task = collection->task;
    char *newest = NULL;
    bool done = visit_histories(task, task->plan.dirdata, keep_newest, &newest);
    if (done && newest && next_name(collection, newest))
        add(collection, newest);
    free(newest);
    return done;
}

static bool find_names(struct collection *collection)
{
    struct task *task = collection->task;
    bool done = true;
    for (; done && collection->shard < task->plan.shards; collection->shard++) {
        char *folder = path_of("%s/%u", task->plan.generation, collection->shard);
        done = visit_histories(task, folder, add_name, collection);
        free(folder);
    }
    return done && add_left(collection);
}

/* ---- the sums --------------------------------------------------------------------------------- */

/* Returns the time of the newest record of the site at the moment when an update would save the file NAME; 0: not
 * known.  A shard may not have this record. */
static uint64_t newest_record(const struct collection *collection, const char *name)
{
    const struct plan *plan = &collection->task->plan;
    const char *next = next_name(collection, name);
    return next ? newest_records_first(plan, next) : newest_records_get(plan, name);
}

/* Whether AWStats has saved the file NAME of a shard in this plan, or the file NEXT after it. */
static bool has_counted(const struct collection *collection, unsigned shard, const char *name,
                        const char *next)
{
    const char *const names[] = {name, next};
    bool has = false;
    for (size_t i = 0; i < 2 && names[i] && shard < collection->task->plan.shards; i++) {
        char period[AWSTATS_PERIOD_SIZE];
        awstats_history_period(period, history_date(names[i]));
        has = has || strstr(collection->counted[shard].files, period);
    }
    return has;
}

/* Stores the paths of the files NAME: those of all shards, and the one from before all shards (base).  The files that
 * AWStats has saved in this plan, by its present settings, are first; returns how many they are. */
static size_t find_inputs(const struct collection *collection, const char *name, char **inputs)
{
    const struct plan *plan = &collection->task->plan;
    const char *next = next_name(collection, name);
    size_t count = 0, saved = 0;
    for (unsigned i = 0; i <= plan->shards; i++) {
        char *path = i == plan->shards ? path_of("%s/base/%s", plan->generation, name)
                                       : path_of("%s/%u/%s", plan->generation, i, name);
        if (access(path, F_OK) < 0) {
            free(path);
            continue;
        }
        inputs[count++] = path;
        if (has_counted(collection, i, name, next)) {
            inputs[count - 1] = inputs[saved];
            inputs[saved++] = path;
        }
    }
    return saved;
}

/* Merges the files of one period. */
static bool merge(struct collection *collection, const char *name)
{
    struct task *task = collection->task;
    char **inputs = memory_allocate(task->plan.shards + 2, sizeof *inputs);
    char *output = path_of("%s/%s", collection->merged, name);
    struct buffer site = {0};
    percent_encode(&site, task->site.name, percent_is_word); /* as the plugin does */
    size_t saved = find_inputs(collection, name, inputs);
    const struct history_merge_options options = {.output = output,
                                                  .inputs = inputs,
                                                  .deciding = saved,
                                                  .memory = HISTORY_MERGE_MEMORY,
                                                  .directory = temporary_directory(),
                                                  .is_of_shards = true,
                                                  .site = site.data,
                                                  .batch = collection->prepared.batch,
                                                  .newest = newest_record(collection, name)};
    bool done = history_merge(&options, &task->error.text);
    buffer_free(&site);
    for (char **input = inputs; *input; input++)
        free(*input);
    free(inputs);
    free(output);
    return done;
}

/* Syncs a sum, and puts it into the site's history, with the permissions that AWStats gives its files. */
static bool put_in_place(struct collection *collection, const char *name)
{
    struct task *task = collection->task;
    char *from = path_of("%s/%s", collection->merged, name);
    char *to = path_of("%s/%s", task->plan.dirdata, name);
    int fd = open(from, O_RDONLY | O_CLOEXEC);
    bool done = fd >= 0 && (!task->plan.is_for_everyone || fchmod(fd, 0666) == 0) &&
                fsync(fd) == 0 && rename(from, to) == 0 && folders_sync_above(to) == 0;
    if (!done)
        task_fail_file(task, to);
    if (fd >= 0)
        close(fd);
    free(from);
    free(to);
    return done;
}

/* Takes the plugin's lock, since an update of another site may write the same history. */
static bool lock_history(struct task *task, int *lock)
{
    char *path = awstats_history_lock(task->plan.dirdata, task->plan.name);
    bool is_locked = task_lock(task, lock, path, AWSTATS_HISTORY_LOCKED);
    free(path);
    return is_locked;
}

/* Checks that the site's history is as the plan knows it, and so is its part from before all shards.  Once collect has
 * begun to replace files, it must end, so the other files do not matter. */
static bool check_history(struct collection *collection)
{
    struct task *task = collection->task;
    const char *batch = collection->prepared.batch;
    bool has_begun = access(collection->replacing, F_OK) == 0;
    bool is = has_begun ? unchanged_check_files(task, batch, collection->names, collection->count)
                        : unchanged_check(task, batch);
    char *base = path_of("%s/base", task->plan.generation);
    is = is && complete_check(task, base);
    free(base);
    return is;
}

/* Replaces the history files.  Checks and merges all files before it changes the first one.  Replaces the newest file
 * last: if this file has the batch, the plugin assumes that all files have the batch. */
static bool replace_history(struct collection *collection)
{
    struct task *task = collection->task;
    int lock = -1;
    bool done = lock_history(task, &lock) && check_history(collection);
    if (collection->count)
        qsort(collection->names, collection->count, sizeof *collection->names, compare_histories);
    for (size_t i = 0; done && i < collection->count; i++)
        done = formats_allow_merge(task, collection->names[i]);
    if (done && folders_make(collection->merged, 0755) < 0)
        done = task_fail_file(task, collection->merged);
    for (size_t i = 0; done && i < collection->count; i++)
        done = merge(collection, collection->names[i]);
    if (done && folders_make(collection->replacing, 0755) < 0)
        done = task_fail_file(task, collection->replacing);
    for (size_t i = 0; done && i < collection->count; i++)
        done = put_in_place(collection, collection->names[i]);
    if (lock >= 0)
        close(lock);
    return done;
}

/* ---- the commit ------------------------------------------------------------------------------- */

/* Reads the last batch that the site's history has now.  This batch need not be the plan's: if all records were late, the
 * newest file was not written.  It may be the plan's although no shard had a record: visits that ended before the plan
 * may have ended in its files (newest_records_end_visits()). */
static bool read_last(const struct collection *collection, char last[BATCH_ID_SIZE])
{
    struct task *task = collection->task;
    char *name = history_name(&task->plan, collection->names[0]);
    bool done = history_read_last(name, task->site.name, collection->prepared.former, last) ||
                task_fail_file(task, name);
    free(name);
    return done;
}

static bool commit(struct collection *collection)
{
    struct task *task = collection->task;
    const struct batch_options options = task_batch_options(task, true);
    struct batch_history history = {.previous = collection->prepared.previous};
    for (unsigned i = 0; i < task->plan.shards; i++)
        if (*collection->counted[i].history)
            history.name = collection->counted[i].history;
    char last[BATCH_ID_SIZE];
    if (collection->count) {
        if (!read_last(collection, last))
            return false;
        history.previous = last;
    }
    history.files = collection->periods.size ? collection->periods.data : "";
    history.figures = collection->sum.text.data;
    return batch_commit_by_id(&task->site, collection->prepared.batch, &history, &options,
                              &task->error);
}

/* Ends the plan: the next plan continues from its generation.  `current` must be written before the ledger
 * forgets the plan. */
static bool end_plan(struct collection *collection)
{
    struct task *task = collection->task;
    char *ledger = site_state_path(&task->site);
    bool done = current_write(task) && planned_write(NULL, ledger, &task->error.text);
    if (done) {
        task_remove_leftovers(collection->merged);
        remove_tree(collection->merged);
        remove_tree(collection->replacing);
        remove_other_generations(&task->plan);
        work_remove(task);
    }
    free(ledger);
    return done;
}

/* Whether the ledger can commit the batch.  If not, the history must not be changed. */
static bool check_ledger(struct collection *collection)
{
    struct task *task = collection->task;
    const struct batch_options options = task_batch_options(task, true);
    return batch_check_waits(&task->site, collection->prepared.batch, &options, &task->error);
}

/* Whether the plan is the site's, or was collected last; else stores the error that it is over. */
static bool check_planned(struct task *task, bool is_planned)
{
    return is_planned || current_is(task) ||
           task_fail(task,
                     "the plan in %s is over: it was given up, or a later one is counted; end its "
                     "other tasks, too",
                     task->work);
}

static bool collect(struct collection *collection, bool *is)
{
    struct task *task = collection->task;
    /* The first look at the ledger makes sure that the lock is in the ledger's generation.  The second one finds
     * out whether another collect has ended the plan while it held the lock. */
    if (!task_is_planned(task, is) || !check_planned(task, *is) ||
        (*is && !generations_check(task)) ||
        !generations_lock(task, task->plan.generation, &collection->lock) ||
        !task_is_planned(task, is) || !check_planned(task, *is))
        return false;
    if (!*is) {
        work_remove(task); /* an earlier collect may have been killed before it removed the work */
        return true;
    }
    int found = prepared_read(task, &collection->prepared);
    if (found == 0)
        return task_fail_to_run(task, "prepare", "the parts are not prepared yet; run: ");
    return found > 0 && work_fetch_shards(task) && read_counted(collection) &&
           check_figures(task, &collection->sum) && check_ledger(collection) &&
           find_names(collection) && replace_history(collection) && commit(collection) &&
           end_plan(collection);
}

/* Whether the site has no plan: a plan without objects was collected, or the plan was given up. */
static bool is_over(struct task *task)
{
    struct planned planned;
    return task->store && task->has_no_plan && task_read_planned(task, &planned) && !*planned.id;
}

static void print_result(const struct collection *collection)
{
    const struct task *task = collection->task;
    const struct figures *figures = &collection->sum.figures;
    uint64_t records = figures->number[FIGURE_RECORDS];
    uint64_t quarantined = collection->prepared.quarantined;
    struct buffer objects = {0};
    if (quarantined)
        buffer_printf(&objects, "; %llu %s could not be read, and each run tries again",
                      (unsigned long long)quarantined, by_number(quarantined, "object", "objects"));
    message_result("[%s]: %llu %s of %u %s: %llu counted, %llu left out%s", task->site.name,
                   (unsigned long long)records, by_number(records, "record", "records"),
                   task->plan.shards, by_number(task->plan.shards, "shard", "shards"),
                   (unsigned long long)figures->number[FIGURE_COUNTED],
                   (unsigned long long)figures_left_out(figures), objects.size ? objects.data : "");
    buffer_free(&objects);
    figures_sum_warn(&collection->sum, &task->site);
}

int shards_collect(const struct shards_options *options)
{
    struct task task;
    struct collection collection = {.task = &task, .lock = -1};
    figures_sum_init(&collection.sum);
    bool is = false, done = task_begin(&task, options);
    if (done) {
        collection.merged = path_of("%s/merged", task.plan.generation);
        collection.replacing = path_of("%s/replacing", task.plan.generation);
        done = collect(&collection, &is);
    }
    if (!done && is_over(&task)) {
        message_result("[%s]: the site has no plan: that in %s is collected already, or was given "
                       "up",
                       task.site.name, task.work);
        done = true;
    } else if (done && !is)
        message_result("[%s]: the plan in %s is collected already", task.site.name, task.work);
    else if (done)
        print_result(&collection);
    for (unsigned i = 0; collection.counted && i < task.plan.shards; i++)
        counted_free(&collection.counted[i]);
    free(collection.counted);
    for (size_t i = 0; i < collection.count; i++)
        free(collection.names[i]);
    free(collection.names);
    free(collection.merged);
    free(collection.replacing);
    prepared_free(&collection.prepared);
    buffer_free(&collection.periods);
    figures_sum_free(&collection.sum);
    if (collection.lock >= 0)
        close(collection.lock);
    return task_end(&task, done);
}
