#include "shards/work.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files/read_file.h"
#include "files/temporary.h"
#include "s3/uri.h"
#include "shards/leftovers.h"
#include "shards/plan_file.h"
#include "shards/work_objects.h"

#define PLAN "plan"

/* Stores a path.  Returns false with errno when it is too long. */
static bool store_path(char path[PATH_MAX], const char *text)
{
    size_t size = strlen(text);
    errno = ENAMETOOLONG;
    if (size < PATH_MAX)
        memcpy(path, text, size + 1);
    return size < PATH_MAX;
}

bool work_open(struct task *task)
{
    const char *work = task->options->work;
    bool is_bucket = s3_uri_is(work);
    if (is_bucket ? !store_path(task->work, work) : !realpath(work, task->work))
        return task_fail_file(task, work);
    for (size_t size = strlen(task->work); is_bucket && task->work[size - 1] == '/'; size--)
        task->work[size - 1] = '\0';
    if (!is_bucket)
        return store_path(task->folder, task->work);
    task->store = store_open(work, &task->site, task->options->transfers, &task->error.text);
    return task->store;
}

bool work_make_folder(struct task *task)
{
    if (!task->store)
        return true;
    char name[TASK_NAME_SIZE], mark[MARK_SIZE];
    if (!task_make_name(task, name))
        return false;
    leftovers_make_mark(mark, name);
    leftovers_remove(temporary_directory(), "");
    char *folder = path_of("%s/awstats-cloudfront.%s", temporary_directory(), mark);
    bool done = mkdir(folder, 0700) == 0 && store_path(task->folder, folder);
    if (!done)
        task_fail_file(task, folder);
    free(folder);
    return done;
}

void work_close(struct task *task)
{
    if (task->store && *task->folder)
        remove_tree(task->folder);
    store_free(task->store);
}

/* ---- the plan --------------------------------------------------------------------------------- */

int work_read_plan(struct task *task, struct plan *plan)
{
    struct buffer text = {0};
    char *path = path_of("%s/" PLAN, task->work);
    size_t size = 0;
    int found;
    if (task->store) {
        buffer_add_text(&text, "");
        found = store_read(task->store, PLAN, PLAN_SIZE_MAX, &text, &task->error.text);
    } else {
        text.data = read_file(path, PLAN_SIZE_MAX, &size);
        found = text.data ? 1 : errno == ENOENT ? 0 : task_fail_file(task, path) - 1;
    }
    if (found > 0 && !plan_parse(plan, text.data, path, &task->error.text))
        found = -1;
    buffer_free(&text);
    free(path);
    return found;
}

bool work_write_plan(struct task *task)
{
    const struct plan *plan = &task->plan;
    struct store_objects objects = {0};
    bool done = plan_write(plan, task->folder, &task->error.text);
    if (!task->store || !done)
        return done;
    for (unsigned i = 0; i < plan->parts; i++) {
        char *name = path_of("parts/%u", i);
        work_objects_add(task, &objects, name, path_of("%s/%s", task->folder, name));
        free(name);
    }
    for (unsigned i = 0; done && plan->before && i < plan->shards; i++) {
        char *name = path_of("before/%u", i), *folder = path_of("%s/%u", plan->before, i);
        done = work_objects_add_folder(task, &objects, name, folder, NULL);
        free(folder);
        free(name);
    }
    if (!work_objects_put(task, &objects, done))
        return false;
    store_objects_add(task->store, &objects, PLAN, path_of("%s/" PLAN, task->folder));
    return work_objects_put(task, &objects, true);
}

static void remove_folders(const struct task *task)
{
    static const char *const names[] = {"maps", "parts"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = path_of("%s/%s", task->folder, names[i]);
        remove_tree(path);
        free(path);
    }
}

bool work_remove(struct task *task)
{
    struct store_objects all = {0}, objects = {0};
    if (!task->store) {
        remove_folders(task);
        return true;
    }
    bool done = work_objects_list(task, &all, "");
    for (size_t i = 0; i < all.count; i++) {
        const char *name = work_objects_name(task, &all.list[i]);
        if (name)
            work_objects_add(task, &objects, name, NULL);
    }
    done = done && store_remove(task->store, &objects);
    store_objects_free(&objects);
    store_objects_free(&all);
    if (!done)
        return false;
    store_objects_add(task->store, &objects, PLAN, NULL);
    done = store_remove(task->store, &objects);
    store_objects_free(&objects);
    return done;
}

/* ---- files that a task reads ------------------------------------------------------------------ */

bool work_fetch(struct task *task, const char *format, ...)
{
    if (!task->store)
        return true;
    struct buffer name = {0};
    struct store_objects objects = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_vprintf(&name, format, arguments);
    va_end(arguments);
    bool done = work_objects_list(task, &objects, name.data);
    for (size_t i = 0; done && i < objects.count; i++) {
        const char *found = work_objects_name(task, &objects.list[i]);
        if (found && !strcmp(found, name.data))
            objects.list[i].path = path_of("%s/%s", task->folder, found);
    }
    done = work_objects_get(task, &objects, done);
    buffer_free(&name);
    return done;
}

bool work_put(struct task *task, const char *name)
{
    struct store_objects objects = {0};
    if (!task->store)
        return true;
    work_objects_add(task, &objects, name, path_of("%s/%s", task->folder, name));
    return work_objects_put(task, &objects, true);
}
