#include "shards/generation.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "awstats/history.h"
#include "files/folders.h"
#include "files/read_file.h"
#include "files/same_file.h"
#include "memory/allocate.h"
#include "shards/escaped.h"

#define PREFIX "awstats"

char *generations_folder(const struct plan *plan)
{
    return path_of("%s/%s.shards", plan->dirdata, plan->name);
}

bool generations_lock(struct task *task, const char *generation, int *fd)
{
    const char *name = strrchr(generation, '/');
    char *path = path_of("%.*s/lock", name ? (int)(name - generation) : 0, generation);
    bool is_locked = task_lock(task, fd, path, "the shards' histories");
    free(path);
    return is_locked;
}

bool generations_check(struct task *task)
{
    char *base = path_of("%s/base", task->plan.generation);
    bool is = access(base, F_OK) == 0;
    if (!is && errno != ENOENT)
        task_fail_file(task, base);
    else if (!is)
        task_fail_to_abandon(
            task,
            "the folder %s, into which the shards of this plan are counted, is "
            "missing on this machine; mount its disk, or, if it was removed, give the "
            "plan up, and plan again: ",
            task->plan.generation);
    free(base);
    return is;
}

bool is_history(const struct plan *plan, const char *name)
{
    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
        return false;
    const char *date = name + strlen(PREFIX), *rest = date + strspn(date, "0123456789");
    size_t size = strlen(plan->name);
    return rest - date >= 4 && *rest == '.' && !strncmp(rest + 1, plan->name, size) &&
           !strcmp(rest + 1 + size, ".txt");
}

bool is_same_file(const char *path, const char *other)
{
    struct stat a, b;
    bool has = stat(path, &a) == 0, has_other = stat(other, &b) == 0;
    return has && has_other ? same_file(&a, &b) : has == has_other;
}

const char *history_date(const char *name)
{
    return name + strlen(PREFIX);
}

char *history_name(const struct plan *plan, const char *name)
{
    struct buffer text = {0};
    awstats_history_add_name(&text, plan->dirdata, PREFIX, strspn(history_date(name), "0123456789"),
                             plan->name);
    return text.data;
}

int compare_histories(const void *a, const void *b)
{
    char first[AWSTATS_PERIOD_SIZE], second[AWSTATS_PERIOD_SIZE];
    awstats_history_period(first, history_date(*(char *const *)a));
    awstats_history_period(second, history_date(*(char *const *)b));
    return strcmp(first, second);
}

bool visit_histories(struct task *task, const char *path, visit_history *visit, void *user)
{
    char **names = NULL;
    size_t count = 0, capacity = 0;
    DIR *folder = opendir(path);
    const struct dirent *entry;
    if (!folder)
        return task_fail_file(task, path);
    while ((entry = readdir(folder))) {
        if (!is_history(&task->plan, entry->d_name))
            continue;
        names = array_grow(names, count, &capacity, sizeof *names);
        names[count++] = memory_copy_text(entry->d_name);
    }
    closedir(folder);
    if (count)
        qsort(names, count, sizeof *names, compare_histories);
    bool done = true;
    for (size_t i = 0; i < count; i++) {
        done = done && visit(user, names[i]);
        free(names[i]);
    }
    free(names);
    return done;
}

struct linking {
    struct task *task;
    const char *from, *to;
};

static bool link_history(void *user, const char *name)
{
    const struct linking *linking = user;
    char *from = path_of("%s/%s", linking->from, name), *to = path_of("%s/%s", linking->to, name);
    bool done = link(from, to) == 0 || errno == EEXIST || task_fail_file(linking->task, to);
    free(from);
    free(to);
    return done;
}

bool link_histories(struct task *task, const char *from, const char *to)
{
    struct linking linking = {task, from, to};
    return visit_histories(task, from, link_history, &linking);
}

/* ---- what was collected last ------------------------------------------------------------------ */

bool history_list_file(struct task *task, struct buffer *text, const char *name)
{
    struct stat status;
    char *path = path_of("%s/%s", task->plan.dirdata, name);
    bool done = stat(path, &status) == 0 || task_fail_file(task, path);
    if (done)
        buffer_printf(text, "%s %lld %lld.%09ld\n", name, (long long)status.st_size,
                      (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    free(path);
    return done;
}

struct listing {
    struct task *task;
    struct buffer *text;
};

static bool add_file(void *user, const char *name)
{
    const struct listing *listing = user;
    return history_list_file(listing->task, listing->text, name);
}

bool history_list(struct task *task, struct buffer *text)
{
    struct listing listing = {task, text};
    return visit_histories(task, task->plan.dirdata, add_file, &listing);
}

/* Adds the text of the file `current` for GENERATION, the generation that was collected last. */
static bool add_current(struct task *task, struct buffer *text, const char *generation)
{
    escaped_add(text, generation);
    buffer_printf(text, " %u\n", task->plan.shards);
    return history_list(task, text);
}

/* Returns the path of the file `current`; the caller frees it. */
static char *current_path(const struct plan *plan)
{
    char *folder = generations_folder(plan), *path = path_of("%s/current", folder);
    free(folder);
    return path;
}

bool current_write(struct task *task)
{
    struct buffer text = {0};
    char *path = current_path(&task->plan);
    bool done = add_current(task, &text, task->plan.generation) && task_write(task, path, &text);
    free(path);
    buffer_free(&text);
    return done;
}

bool current_read(struct task *task, char **before)
{
    char *path = current_path(&task->plan);
    struct buffer now = {0};
    size_t size = 0;
    char *text = read_file(path, SSIZE_MAX - 1, &size);
    bool done = text || errno == ENOENT || task_fail_file(task, path);
    *before = NULL;
    if (text) {
        char *copy = memory_copy_text(text), *rest = copy;
        char *generation = escaped_take(&rest);
        done = add_current(task, &now, generation);
        if (done && !strcmp(now.data, text) && access(generation, F_OK) == 0)
            *before = memory_copy_text(generation);
        free(copy);
    }
    free(text);
    free(path);
    buffer_free(&now);
    return done;
}

bool current_is(const struct task *task)
{
    char *path = current_path(&task->plan);
    size_t size = 0;
    char *text = read_file(path, SSIZE_MAX - 1, &size), *rest = text;
    bool is = text && !strcmp(escaped_take(&rest), task->plan.generation);
    free(text);
    free(path);
    return is;
}

void remove_other_generations(const struct plan *plan)
{
    char *path = generations_folder(plan);
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        char *name = path_of("%s/%s", path, entry->d_name);
        struct stat status;
        if (*entry->d_name != '.' && strcmp(name, plan->generation) != 0 &&
            stat(name, &status) == 0 && S_ISDIR(status.st_mode))
            remove_tree(name);
        free(name);
    }
    if (folder)
        closedir(folder);
    free(path);
}
