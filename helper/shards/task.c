/* Functions that several tasks need: errors, the site, locks, and folders that become visible as a whole. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/messages.h"
#include "config/environment_file.h"
#include "config/same_ledger.h"
#include "config/site_command.h"
#include "config/site_file.h"
#include "files/folders.h"
#include "files/replace_file.h"
#include "ledger/lock.h"
#include "memory/allocate.h"
#include "s3/uri.h"
#include "shards/leftovers.h"
#include "shards/settings.h"
#include "shards/work.h"
#include "text/file_error.h"
#include "text/message.h"
#include "update/owner.h"

#define TMP ".tmp"

char *path_of(const char *format, ...)
{
    struct buffer path = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_vprintf(&path, format, arguments);
    va_end(arguments);
    return path.data;
}

/* Stores an error.  Unless COMMAND is NULL, the command line follows, with the work unless WORK is NULL. */
static bool fail(struct task *task, const char *command, const char *work, const char *format,
                 va_list arguments)
{
    struct buffer text = {0};
    buffer_vprintf(&text, format, arguments);
    if (command)
        site_command_add(&text, &task->site, command, "--work=", work);
    batch_error_set(&task->error, BATCH_ERROR, "[%s]: %s", task->site.name, text.data);
    buffer_free(&text);
    return false;
}

bool task_fail(struct task *task, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail(task, NULL, NULL, format, arguments);
    va_end(arguments);
    return false;
}

bool task_fail_to_run(struct task *task, const char *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail(task, command, task->work, format, arguments);
    va_end(arguments);
    return false;
}

bool task_fail_to_abandon(struct task *task, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail(task, "plan --abandon", NULL, format, arguments);
    va_end(arguments);
    return false;
}

bool task_fail_plan_over(struct task *task)
{
    return task_fail(task,
                     "the plan in %s is over: it was given up, or its batch is counted; end its "
                     "other tasks, too",
                     task->work);
}

bool task_fail_file(struct task *task, const char *path)
{
    struct buffer text = {0};
    file_error_add_path(&text, path, errno);
    batch_error_set(&task->error, BATCH_ERROR, "%s", text.data);
    buffer_free(&text);
    return false;
}

bool task_read_site(struct task *task, const char *config, const char *name)
{
    if (site_file_read(&task->site, config, name, &task->error.text) < 0)
        return false;
    environment_file_take(config, name);
    return true;
}

/* Reads the plan of the work. */
static bool read_plan(struct task *task)
{
    int found = work_read_plan(task, &task->plan);
    task->has_no_plan = found == 0;
    if (task->has_no_plan)
        batch_error_set(&task->error, BATCH_ERROR,
                        "%s: there is no plan: it is over, or awstats-cloudfront plan has not made "
                        "it; name the work of a plan",
                        task->work);
    return found > 0;
}

bool task_begin(struct task *task, const struct shards_options *options)
{
    *task = (struct task){.options = options};
    const struct plan *plan = &task->plan;
    struct buffer *error = &task->error.text;
    bool is_bucket = s3_uri_is(options->work);
    /* The site's settings say how to reach the bucket.  The ledger's owner may have the access keys. */
    if (is_bucket && (!task_read_site(task, options->config, options->site) ||
                      !owner_become(&task->site, NULL, error)))
        return false;
    if (!work_open(task) || !read_plan(task) ||
        (!is_bucket && !task_read_site(task, plan->config, plan->site)))
        return false;
    if (is_bucket && strcmp(plan->site, options->site) != 0)
        return task_fail(task, "the plan in %s belongs to the site %s; correct --site or --work",
                         task->work, plan->site);
    return owner_become(&task->site, plan->dirdata, error) && work_make_folder(task);
}

bool task_check_settings(struct task *task)
{
    char *name = settings_find_difference(task->plan.settings, &task->site);
    if (name)
        task_fail_to_abandon(
            task,
            "the setting \"%s\" has changed since the plan in %s was made; set it back, or give "
            "the plan up, and plan again: ",
            name, task->work);
    free(name);
    return !name;
}

int task_end(struct task *task, bool done)
{
    int status = EXIT_DONE;
    if (!done && !task->site.name) {
        if (task->error.text.size)
            message_error("%s", task->error.text.data);
        status = EXIT_FAILED;
    } else if (!done) {
        status = print_batch_error(&task->site, &task->error);
    }
    work_close(task);
    batch_error_free(&task->error);
    free(task->awstats.dirdata);
    site_free(&task->site);
    plan_free(&task->plan);
    return status;
}

struct batch_options task_batch_options(const struct task *task, bool is_planned)
{
    return (struct batch_options){.transfers = task->options->transfers,
                                  .wait = task->options->wait,
                                  .is_planned = is_planned,
                                  .end = BATCH_PREPARE};
}

bool task_read_planned(struct task *task, struct planned *planned)
{
    char *ledger = site_state_path(&task->site);
    bool done = planned_read(planned, ledger, &task->error.text);
    free(ledger);
    return done;
}

/* Whether the ledger is where it was when the plan was made; else stores the error.  plan --abandon would look into the
 * other ledger, too. */
static bool check_state(struct task *task)
{
    const char *before = task->plan.state;
    char *now = same_ledger_path(&task->site);
    bool is = !before || !strcmp(now, before) ||
              task_fail(task,
                        "the setting \"state\" has changed since the plan in %s was made: the "
                        "ledger was %s, and is %s now; set it back until the plan has ended",
                        task->work, before, now);
    free(now);
    return is;
}

bool task_is_planned(struct task *task, bool *is)
{
    struct planned planned;
    bool done = task_read_planned(task, &planned);
    *is = done && !strcmp(planned.id, task->plan.id);
    if (done && !*is)
        done = check_state(task);
    else if (*is && strcmp(planned.generation, task->plan.generation) != 0)
        done = task_fail_to_abandon(
            task,
            "the plan in %s was changed: its histories are not in %s; give the plan "
            "up, and plan again: ",
            task->work, planned.generation);
    return done;
}

bool task_lock(struct task *task, int *fd, const char *path, const char *used)
{
    enum lock_result result =
        lock_take_file(fd, path, used, task->options->wait, &task->error.text);
    if (result == LOCK_TAKEN_BY_OTHER)
        task->error.reason = BATCH_HELD;
    return result == LOCK_HELD;
}

bool task_make_name(struct task *task, char name[TASK_NAME_SIZE])
{
    uint64_t random;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return task_fail(task, "the system returns no random numbers (getrandom); allow getrandom "
                               "in the sandbox or container");
    snprintf(name, TASK_NAME_SIZE, "%016llx", (unsigned long long)random);
    return true;
}

void task_remove_leftovers(const char *path)
{
    char *folder = memory_copy_bytes(path, (size_t)(strrchr(path, '/') - path));
    leftovers_remove(folder, TMP);
    free(folder);
}

char *task_make_folder(struct task *task, const char *path)
{
    char name[TASK_NAME_SIZE], mark[MARK_SIZE];
    if (!task_make_name(task, name))
        return NULL;
    leftovers_make_mark(mark, name);
    task_remove_leftovers(path);
    char *folder = path_of("%s.%s" TMP, path, mark);
    if (folders_make_above(folder, 0755) == 0 && mkdir(folder, 0755) == 0)
        return folder;
    task_fail_file(task, folder);
    free(folder);
    return NULL;
}

void remove_tree(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        char *name = path_of("%s/%s", path, entry->d_name);
        if (unlink(name) < 0)
            remove_tree(name);
        free(name);
    }
    if (folder)
        closedir(folder);
    rmdir(path);
}

/* Waits until the data of a file, or the names in a folder, are on the disk. */
static bool sync_path(struct task *task, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;
    if (!done)
        task_fail_file(task, path);
    if (fd >= 0)
        close(fd);
    return done;
}

static bool sync_files(struct task *task, const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    if (!folder)
        return task_fail_file(task, path);
    bool done = true;
    while (done && (entry = readdir(folder))) {
        if (*entry->d_name == '.')
            continue;
        char *name = path_of("%s/%s", path, entry->d_name);
        done = sync_path(task, name);
        free(name);
    }
    closedir(folder);
    return done && sync_path(task, path);
}

bool task_put_in_place(struct task *task, const char *folder, const char *path)
{
    bool done = sync_files(task, folder);
    if (done && rename(folder, path) < 0) {
        done = errno == ENOTEMPTY || errno == EEXIST || task_fail_file(task, path);
        remove_tree(folder);
    }
    if (done && folders_sync_above(path) < 0)
        done = task_fail_file(task, path);
    return done;
}

bool task_write(struct task *task, const char *path, const struct buffer *text)
{
    return (replace_file(path, 0644, text->size ? text->data : "", text->size) == 0 &&
            folders_sync_above(path) == 0) ||
           task_fail_file(task, path);
}
