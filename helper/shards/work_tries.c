/* The tries of maps and reduces: which of them are read, and how they are made. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/folders.h"
#include "memory/allocate.h"
#include "shards/complete.h"
#include "shards/generation.h"
#include "shards/work.h"
#include "shards/work_names.h"
#include "shards/work_objects.h"

#define RESULT  "result"
#define RESULTS "results/"

/* ---- results ---------------------------------------------------------------------------------- */

/* Finds the first try with a result for each number of KIND.  Stores "KIND/NUMBER/TRY" in TRIES, or NULL without a
 * result; the caller frees the texts.  BEGIN: the beginning of the results' names. */
static bool find_tries(struct task *task, const char *kind, const char *begin, char **tries)
{
    struct store_objects objects = {0};
    bool done = work_objects_list(task, &objects, begin);
    for (size_t i = 0; i < objects.count; i++) {
        const char *name = work_objects_name(task, &objects.list[i]);
        if (!name)
            continue;
        name += strlen(RESULTS);
        unsigned long number = strtoul(name + strlen(kind) + 1, NULL, 10);
        if (!tries[number])
            tries[number] = memory_copy_text(name);
    }
    store_objects_free(&objects);
    return done;
}

static void free_tries(char **tries, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        free(tries[i]);
    free(tries);
}

bool work_has_result(struct task *task, const char *kind, unsigned number, const char *path,
                     bool *has)
{
    *has = !task->store && access(path, F_OK) == 0;
    if (!task->store)
        return true;
    char *begin = path_of(RESULTS "%s/%u/", kind, number);
    char **tries = memory_allocate(number + 1, sizeof *tries);
    bool done = find_tries(task, kind, begin, tries);
    *has = tries[number];
    free_tries(tries, number + 1);
    free(begin);
    return done;
}

bool work_fetch_maps(struct task *task, char **folders)
{
    unsigned count = task->plan.parts;
    struct store_objects objects = {0};
    for (unsigned i = 0; !task->store && i < count; i++)
        folders[i] = path_of("maps/%u", i);
    if (!task->store)
        return true;
    if (!work_objects_fetch(task, "parts/") || !find_tries(task, "maps", RESULTS "maps/", folders))
        return false;
    for (unsigned i = 0; i < count; i++) {
        if (!folders[i])
            continue;
        char *name = path_of(RESULTS "%s", folders[i]);
        work_objects_add(task, &objects, name, path_of("%s/maps/%u/" RESULT, task->folder, i));
        free(name);
    }
    return work_objects_get(task, &objects, true);
}

bool work_fetch_logs(struct task *task, char *const *folders, unsigned shard)
{
    struct store_objects objects = {0};
    bool done = true;
    for (unsigned i = 0; task->store && i < task->plan.parts; i++) {
        char *name = path_of("%s/%u.zst", folders[i], shard);
        if (!work_name_is(&task->plan, name))
            done = task_fail(task, "%s/%s/prepared is corrupt; give the plan up, and plan again",
                             task->work, task->plan.id);
        else
            work_objects_add(task, &objects, name, path_of("%s/%s", task->folder, name));
        free(name);
    }
    return !task->store || work_objects_get(task, &objects, done);
}

bool work_fetch_before(struct task *task, unsigned shard)
{
    struct plan *plan = &task->plan;
    if (!task->store)
        return true;
    free(plan->generation);
    plan->generation = path_of("%s/shards", task->folder);
    if (!plan->before)
        return true;
    free(plan->before);
    plan->before = path_of("%s/before", task->folder);
    char *name = path_of("before/%u/", shard), *path = path_of("%s/%u", plan->before, shard);
    bool done =
        folders_make(path, 0755) == 0 ? work_objects_fetch(task, name) : task_fail_file(task, path);
    free(path);
    free(name);
    return done;
}

/* Fetches the history files and the result of a try into FOLDER. */
static bool fetch_shard(struct task *task, const char *try, const char *folder)
{
    struct store_objects objects = {0};
    char *begin = path_of("%s/", try), *result = path_of(RESULTS "%s", try);
    bool done = work_objects_list(task, &objects, begin);
    for (size_t i = 0; done && i < objects.count; i++) {
        const char *name = work_objects_name(task, &objects.list[i]);
        if (name)
            objects.list[i].path = path_of("%s%s", folder, strrchr(name, '/'));
    }
    work_objects_add(task, &objects, result, path_of("%s/" RESULT, folder));
    done = work_objects_get(task, &objects, done);
    free(begin);
    free(result);
    return done;
}

/* Whether a try that was fetched into FOLDER has all its files.  BEFORE: the history from which the shard has gone on, or
 * NULL; the links to files of this history are in FOLDER, too. */
static bool check_try(struct task *task, unsigned shard, const char *try, const char *before,
                      const char *folder)
{
    char *lost = NULL;
    if (before && !complete_check(task, before))
        return false;
    int is = complete_is(task, folder, &lost);
    if (is == 0) {
        char *place = path_of("%s/%s", task->work, task->plan.id);
        char *reduce = path_of("reduce --shard=%u", shard);
        task_fail_to_run(task, reduce,
                         "%s/%s/%s " COMPLETE_LOST "; delete %s/" RESULTS "%s to count shard %u "
                         "again, and run: ",
                         place, try, lost, place, try, shard);
        free(reduce);
        free(place);
    }
    free(lost);
    return is > 0;
}

/* Copies a try into the generation, with links to the files that the plan has not changed. */
static bool take_shard(struct task *task, unsigned shard, const char *try)
{
    const struct plan *plan = &task->plan;
    char *path = path_of("%s/%u", plan->generation, shard);
    char *before = plan->before ? path_of("%s/%u", plan->before, shard) : NULL;
    char *folder = task_make_folder(task, path);
    bool done = folder && fetch_shard(task, try, folder) &&
                (!before || link_histories(task, before, folder)) &&
                check_try(task, shard, try, before, folder) &&
                task_put_in_place(task, folder, path);
    if (!done && folder)
        remove_tree(folder);
    free(folder);
    free(before);
    free(path);
    return done;
}

bool work_fetch_shards(struct task *task)
{
    unsigned count = task->plan.shards;
    if (!task->store)
        return true;
    char **tries = memory_allocate(count, sizeof *tries);
    bool done = find_tries(task, "shards", RESULTS "shards/", tries);
    for (unsigned i = 0; done && i < count; i++) {
        char *path = path_of("%s/%u", task->plan.generation, i);
        if (tries[i] && access(path, F_OK) < 0)
            done = take_shard(task, i, tries[i]);
        free(path);
    }
    free_tries(tries, count);
    return done;
}

/* ---- results of this task --------------------------------------------------------------------- */

/* Uploads a new try: the files of FOLDER, except those that are the same in the folder WITHOUT.  Returns the try's
 * name, "KIND/NUMBER/TRY", which the caller frees; NULL after an error. */
static char *put_try(struct task *task, const char *kind, unsigned number, const char *folder,
                     const char *without)
{
    char random[TASK_NAME_SIZE];
    struct store_objects objects = {0};
    if (!task_make_name(task, random))
        return NULL;
    char *try = path_of("%s/%u/%s", kind, number, random);
    bool done = work_objects_add_folder(task, &objects, try, folder, without);
    if (work_objects_put(task, &objects, done))
        return try;
    free(try);
    return NULL;
}

bool work_publish(struct task *task, const char *kind, unsigned number, const char *path)
{
    struct store_objects objects = {0};
    if (!task->store)
        return true;
    bool goes_on = !strcmp(kind, "shards") && task->plan.before;
    char *before = goes_on ? path_of("%s/%u", task->plan.before, number) : NULL;
    char *try = put_try(task, kind, number, path, before);
    bool done = try;
    if (done) {
        char *result = path_of(RESULTS "%s", try);
        work_objects_add(task, &objects, result, path_of("%s/" RESULT, path));
        free(result);
        done = work_objects_put(task, &objects, true);
    }
    free(before);
    free(try);
    return done;
}

char *work_publish_logs(struct task *task, unsigned part, const char *folder)
{
    return task->store ? put_try(task, "maps", part, folder, NULL)
                       : memory_copy_text(folder + strlen(task->work) + 1);
}
