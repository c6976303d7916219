/* plan: takes the batch, and writes the files that the tasks read.  abandon: gives the batch back. */
#include "shards/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config/same_ledger.h"
#include "config/site_command.h"
#include "config/site_file.h"
#include "files/folders.h"
#include "files/temporary.h"
#include "memory/allocate.h"
#include "s3/uri.h"
#include "shards/awstats_settings.h"
#include "shards/complete.h"
#include "shards/formats.h"
#include "shards/generation.h"
#include "shards/leftovers.h"
#include "shards/newest.h"
#include "shards/part.h"
#include "shards/settings.h"
#include "shards/unchanged.h"
#include "shards/work.h"
#include "source/source.h"
#include "text/by_number.h"
#include "text/message.h"
#include "text/time.h"
#include "update/history.h"
#include "update/owner.h"

struct planning {
    struct task *task;
    struct source source;
    struct batch *batch;
    size_t objects;
};

/* Begins a task, and reads the site that the options name. */
static bool begin(struct task *task, const struct shards_options *options)
{
    *task = (struct task){.options = options};
    return task_read_site(task, options->config, options->site);
}

/* Stores an error for settings with which shards cannot count exactly, and for a work inside the source. */
static bool check_settings(struct task *task)
{
    const struct site *site = &task->site;
    const char *setting = site->unique                        ? "unique = x-edge-request-id"
                          : site->anonymize == ANONYMIZE_HASH ? "anonymize = hash"
                          : site->type == SITE_STREAMING      ? "type = streaming"
                                                              : NULL;
    if (setting)
        return task_fail(task,
                         "the setting %s needs all new logs in one run, so shards cannot count "
                         "this site; use awstats-cloudfront update",
                         setting);
    return !site_has_place(site, task->options->work) ||
           task_fail(task,
                     "--work %s is inside the source, so its files would be read as logs; choose a "
                     "place outside the source",
                     task->options->work);
}

static bool make_id(struct task *task)
{
    char random[TASK_NAME_SIZE], stamp[TIME_TEXT_SIZE];
    if (!task_make_name(task, random))
        return false;
    time_format(stamp, "%Y%m%d-%H%M%S", time(NULL));
    snprintf(task->plan.id, sizeof task->plan.id, "%.15s-%s", stamp, random);
    return true;
}

/* Whether all users may read and write the history files that AWStats saves.  As in AWStats, a value without 0 and 1
 * stands for 0, and a configuration without the setting for 1. */
static bool is_for_everyone(const struct awstats_config *config)
{
    char *value = awstats_config_get(config, "SaveDatabaseFilesWithPermissionsForEveryone");
    bool is = !value || (strpbrk(value, "01") && strcmp(value, "0") != 0);
    free(value);
    return is;
}

/* Finds the AWStats of the site, becomes the ledger's owner, and fills in the plan: its folders, settings and ID. */
static bool find_folders(struct task *task)
{
    const struct shards_options *options = task->options;
    struct plan *plan = &task->plan;
    struct buffer *error = &task->error.text;
    if (!find_awstats(&task->awstats, &task->site, options->awstats, error) ||
        !settings_allow_shards(&task->awstats.config, error) ||
        !owner_become(&task->site, task->awstats.dirdata, error))
        return false;
    plan->dirdata = realpath(task->awstats.dirdata, NULL);
    if (!plan->dirdata)
        return task_fail(task,
                         "DirData of %s is no folder: %s; write the path of a folder that is "
                         "there",
                         task->awstats.config.path, task->awstats.dirdata);
    plan->config = realpath(options->config, NULL);
    if (!plan->config)
        return task_fail_file(task, options->config);
    if (!s3_uri_is(options->work) && folders_make(options->work, 0755) < 0)
        return task_fail_file(task, options->work);
    if (!work_open(task) || !work_make_folder(task))
        return false;
    plan->site = memory_copy_text(task->site.name);
    plan->state = same_ledger_path(&task->site);
    plan->name = memory_copy_text(task->awstats.config.name);
    plan->shards = options->shards;
    plan->parts = options->parts;
    plan->is_for_everyone = is_for_everyone(&task->awstats.config);
    struct buffer settings = {0}, awstats = {0};
    settings_add(&settings, &task->site);
    plan->settings = settings.data;
    awstats_settings_add(&awstats, &task->awstats.config, plan->dirdata);
    plan->awstats = awstats.data;
    if (!make_id(task))
        return false;
    char *folder = generations_folder(plan);
    plan->generation = path_of("%s/%s", folder, plan->id);
    free(folder);
    return true;
}

/* Stores an error if the folder of the work has other files with a plan's names, since collect would remove
 * these.  In a bucket, names have the plan's ID. */
static bool check_names(struct task *task)
{
    static const char *const names[] = {"maps", "parts", "prepared"};
    bool done = true;
    for (size_t i = 0; done && !task->store && i < sizeof names / sizeof *names; i++) {
        char *path = path_of("%s/%s", task->work, names[i]);
        if (access(path, F_OK) == 0)
            done = task_fail(task,
                             "%s is there already, of another plan or another program; name a "
                             "new folder",
                             path);
        free(path);
    }
    return done;
}

enum work { WORK_NEW, WORK_BEGUN, WORK_PLANNED };

/* Finds out what the folder of the work has: nothing; the beginning of a plan that was killed, which no task has
 * read; or the plan that the ledger knows, because plan was run before.  Any other plan is an error. */
static bool check_work(struct task *task, enum work *work)
{
    struct plan plan = {0};
    struct planned planned;
    int found = work_read_plan(task, &plan);
    bool done = found >= 0 && task_read_planned(task, &planned);
    *work = WORK_NEW;
    if (done && found > 0 && !strcmp(plan.id, planned.id))
        *work = WORK_PLANNED;
    else if (done && found > 0)
        done = task_fail(task,
                         "%s has a plan that is over, or one of another site; name another %s, or "
                         "remove this one",
                         task->work, task->store ? "prefix" : "folder");
    else if (done && !strcmp(planned.work, task->work))
        *work = WORK_BEGUN;
    else
        done = done && check_names(task);
    plan_free(&plan);
    return done;
}

/* Checks that a site which has counted nothing yet finds no history: collect would add the logs to what another program
 * has counted, perhaps of the same logs. */
static bool check_first(const struct planning *planning, const char *update)
{
    struct task *task = planning->task;
    struct buffer file = {0}, name = {0}, adopt = {0};
    bool is_first =
        !batch_history(planning->batch) && !strcmp(batch_previous(planning->batch), BATCH_ID_NONE);
    bool done =
        !is_first || !history_find(task->plan.dirdata,
                                   awstats_config_history(&task->awstats.config), &file, &name);
    if (!done) {
        site_command_add(&adopt, &task->site, "adopt", "--history=", name.data);
        task_fail(task,
                  "the AWStats history has %s, which this site has not counted; if other logs were "
                  "counted there, so the new logs can be added, run: %s; otherwise run: %s, which "
                  "says what to do",
                  file.data, adopt.data, update);
    }
    buffer_free(&file);
    buffer_free(&name);
    buffer_free(&adopt);
    return done;
}

/* Checks that shards can count the batch, and that the history is the one that the ledger knows.  UPDATE is the command
 * that counts the site without shards. */
static bool check_batch(struct planning *planning, const char *update)
{
    struct task *task = planning->task;
    const struct history_wanted wanted = {.batch = planning->batch,
                                          .site = task->site.name,
                                          .dirdata = task->plan.dirdata,
                                          .config = awstats_config_history(&task->awstats.config)};
    const void *views;
    size_t views_size;
    batch_get_views(planning->batch, &views, &views_size);
    if (views_size)
        return task_fail(task,
                         "this is a streaming distribution, whose views may go on in the next "
                         "logs, so shards cannot count it; run: %s",
                         update);
    if (batch_get(planning->batch)->prepared)
        return task_fail(task,
                         "an earlier update has not counted batch %s to its end; run first: %s",
                         batch_get(planning->batch)->id, update);
    if (!check_first(planning, update))
        return false;
    return history_is_right(&wanted) ||
           task_fail(task,
                     "the AWStats history in %s is not the one that the ledger knows; to see why, "
                     "run: %s",
                     task->plan.dirdata, update);
}

/* Checks the file of each period: where the new logs have records is not known yet. */
static bool check_files(const struct planning *planning)
{
    struct task *task = planning->task;
    const struct history_wanted wanted = {.batch = planning->batch, .site = task->site.name};
    struct buffer error = {0};
    bool is_right = history_check_files(&wanted, &task->site, &error);
    if (!is_right)
        task_fail(task, "%s", error.data);
    buffer_free(&error);
    return is_right;
}

/* Finds the generation from which the shards go on.  If it has lost a file, the shards begin anew: the site's history has
 * all that they had. */
static bool find_before(struct task *task)
{
    struct plan *plan = &task->plan;
    char *lost = NULL;
    if (!current_read(task, &plan->before))
        return false;
    int is = plan->before ? complete_generation(task, plan->before, &lost) : 1;
    if (is == 0) {
        message_warning("[%s]: %s " COMPLETE_LOST "; the shards begin with empty histories, so "
                        "visits that go on in the new logs count twice",
                        task->site.name, lost);
        free(plan->before);
        plan->before = NULL;
    }
    free(lost);
    return is >= 0;
}

/* Stores the history from before all shards (base) in its folder. */
static bool make_base(struct task *task, const char *base)
{
    const struct plan *plan = &task->plan;
    char *from = plan->before ? path_of("%s/base", plan->before) : memory_copy_text(plan->dirdata);
    bool done = link_histories(task, from, base) && complete_write(task, base);
    free(from);
    return done;
}

/* Makes the folder of the new generation. */
static bool make_generation(struct task *task)
{
    struct plan *plan = &task->plan;
    struct buffer newest = {0};
    char *base = path_of("%s/base", plan->generation);
    bool done = folders_make(base, 0755) == 0 || task_fail_file(task, base);
    done = done && unchanged_write(task) && find_before(task) && make_base(task, base) &&
           (!plan->before || newest_records_add(task, &newest));
    plan->newest = newest.data;
    free(base);
    return done;
}

/* Commits an empty batch, so the ledger knows when the source was listed. */
static bool commit_nothing(struct planning *planning)
{
    const struct ledger_revision revision = {0};
    const struct batch_history history = {.previous = batch_previous(planning->batch)};
    return batch_prepare(planning->batch, &revision) &&
           batch_commit_counted(planning->batch, &history);
}

/* Removes the files of a plan that could not be completed. */
static void undo(const struct task *task, const char *ledger)
{
    struct buffer ignored = {0};
    char *path = path_of("%s/plan", task->folder), *parts = path_of("%s/parts", task->folder);
    unlink(path);
    remove_tree(parts);
    remove_tree(task->plan.generation);
    planned_write(NULL, ledger, &ignored);
    buffer_free(&ignored);
    free(parts);
    free(path);
}

/* Writes the plan.  The ledger gets the plan first, so after a kill the next run continues in this folder.  The file
 * `plan` comes last, so no task begins before all files are there. */
static bool write_plan(struct planning *planning)
{
    struct task *task = planning->task;
    size_t count;
    const struct source_object *objects = batch_get_objects(planning->batch, &count);
    struct planned planned = {0};
    memcpy(task->plan.batch, batch_get(planning->batch)->id, sizeof task->plan.batch);
    memcpy(planned.id, task->plan.id, sizeof planned.id);
    memcpy(planned.work, task->work, sizeof planned.work);
    if (strlen(task->plan.generation) >= sizeof planned.generation)
        return task_fail(task, "%s: the name is too long", task->plan.generation);
    strcpy(planned.generation, task->plan.generation);
    char *ledger = site_state_path(&task->site);
    planning->objects = count;
    bool done = planned_write(&planned, ledger, &task->error.text) &&
                parts_write(task, objects, count) && make_generation(task) && work_write_plan(task);
    if (!done)
        undo(task, ledger);
    free(ledger);
    return done;
}

/* Takes the site's batch, unless another run has made the plan of this work meanwhile: then sets *WORK to
 * WORK_PLANNED. */
static bool take_batch(struct planning *planning, enum work *work)
{
    struct task *task = planning->task;
    const struct batch_options options = task_batch_options(task, *work == WORK_BEGUN);
    if (batch_take(&planning->batch, &planning->source, &task->site, &options, &task->error))
        return check_work(task, work);
    const struct batch_error error = task->error;
    task->error = (struct batch_error){0};
    bool is = error.reason == BATCH_ERROR && check_work(task, work) && *work == WORK_PLANNED;
    struct batch_error unused = is ? error : task->error;
    if (!is)
        task->error = error;
    batch_error_free(&unused);
    return is;
}

/* Makes the plan.  Sets *WORK to WORK_PLANNED if another run has made this plan meanwhile. */
static bool plan(struct planning *planning, enum work *work)
{
    struct task *task = planning->task;
    if (!take_batch(planning, work))
        return false;
    if (*work == WORK_PLANNED)
        return true;
    char *update = site_command(&task->site, "update");
    bool fits = check_batch(planning, update);
    free(update);
    if (!fits)
        return false;
    const struct source_object *objects = batch_get_objects(planning->batch, &planning->objects);
    if (!planning->objects)
        return commit_nothing(planning);
    return formats_allow_plan(task, objects, planning->objects) && check_files(planning) &&
           write_plan(planning);
}

int shards_plan(const struct shards_options *options)
{
    struct task task;
    struct planning planning = {.task = &task};
    enum work work = WORK_NEW;
    bool done = begin(&task, options) && check_settings(&task) && find_folders(&task) &&
                check_work(&task, &work);
    if (done && work != WORK_PLANNED) {
        done = plan(&planning, &work);
        source_close(&planning.source);
        batch_free(planning.batch);
    }
    if (done && work == WORK_PLANNED)
        message_result("[%s]: the plan in %s is made already", task.site.name, task.work);
    else if (done && !planning.objects)
        message_result("[%s]: no new logs to count", task.site.name);
    else if (done)
        message_result("[%s]: %zu %s in %u %s for %u %s: %s", task.site.name, planning.objects,
                       by_number(planning.objects, "object", "objects"), task.plan.parts,
                       by_number(task.plan.parts, "part", "parts"), task.plan.shards,
                       by_number(task.plan.shards, "shard", "shards"), task.work);
    return task_end(&task, done);
}

/* ---- abandon --------------------------------------------------------------------------------- */

/* Whether collect has begun to replace the history. */
static bool has_begun(const struct planned *planned)
{
    char *path = path_of("%s/replacing", planned->generation);
    bool has = access(path, F_OK) == 0;
    free(path);
    return has;
}

/* Removes the work of a plan that is given up, and temporary folders of its killed tasks on this machine.  An
 * error is only a warning, since a work without a plan harms nothing. */
static void remove_work(struct task *task, const struct planned *planned, bool is_bucket)
{
    const struct shards_options *given = task->options;
    struct shards_options options = *given;
    options.work = planned->work;
    task->options = &options;
    if (is_bucket)
        leftovers_remove(temporary_directory(), "");
    int found = work_open(task) ? work_read_plan(task, &task->plan) : -1;
    bool done =
        found == 0 || (found > 0 && (strcmp(task->plan.id, planned->id) != 0 || work_remove(task)));
    if (!done && task->error.text.size)
        message_warning("[%s]: the %s of the plan in %s are not deleted: %s", task->site.name,
                        is_bucket ? "objects" : "files", planned->work, task->error.text.data);
    task->options = given;
}

/* Takes the generations' lock, which a collect holds while it replaces the history.  Without the generation's folder
 * there is nothing to wait for. */
static bool wait_for_collect(struct task *task, const struct planned *planned, int *lock)
{
    return access(planned->generation, F_OK) < 0 ||
           generations_lock(task, planned->generation, lock);
}

static bool abandon(struct task *task)
{
    struct planned planned;
    int lock = -1;
    char *ledger = site_state_path(&task->site);
    const struct batch_options batch_options = task_batch_options(task, true);
    struct buffer text = {0}, *error = &task->error.text;
    bool done = task_read_planned(task, &planned) &&
                (!*planned.id ||
                 (wait_for_collect(task, &planned, &lock) && task_read_planned(task, &planned)));
    if (done && !*planned.id) {
        message_result("[%s]: there is no plan", task->site.name);
    } else if (done && has_begun(&planned)) {
        site_command_add(&text, &task->site, "collect", "--work=", planned.work);
        done = task_fail(task, "the shards are counted already; run: %s", text.data);
    } else if (done && (done = batch_abandon_planned(&task->site, &batch_options, &task->error) &&
                               planned_write(NULL, ledger, error))) {
        bool is_bucket = s3_uri_is(planned.work);
        bool is_gone = !is_bucket && access(planned.work, F_OK) < 0 && errno == ENOENT;
        if (!is_gone) /* first: reduce knows by the parts that its plan is over */
            remove_work(task, &planned, is_bucket);
        remove_tree(planned.generation);
        message_result("[%s]: the plan in %s is given up; its logs are new again%s",
                       task->site.name, planned.work,
                       is_bucket || is_gone ? ""
                                            : "; remove this folder once no task of the plan runs");
    }
    if (lock >= 0)
        close(lock);
    buffer_free(&text);
    free(ledger);
    return done;
}

int shards_abandon(const struct shards_options *options)
{
    struct task task;
    bool done =
        begin(&task, options) && owner_become(&task.site, NULL, &task.error.text) && abandon(&task);
    return task_end(&task, done);
}
