#include "shards/unchanged.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "awstats/history.h"
#include "files/read_file.h"
#include "memory/allocate.h"
#include "shards/generation.h"

/* Returns the path of the file `dirdata`; the caller frees it. */
static char *list_path(const struct plan *plan)
{
    return path_of("%s/dirdata", plan->generation);
}

bool unchanged_write(struct task *task)
{
    struct buffer text = {0};
    char *path = list_path(&task->plan);
    bool done = history_list(task, &text) && task_write(task, path, &text);
    free(path);
    buffer_free(&text);
    return done;
}

struct checking {
    struct task *task;
    const char *batch;
    char *planned; /* the text of the file `dirdata` */
};

/* Returns the line of TEXT that begins with BEGIN; NULL when there is none. */
static const char *find_line(const char *text, const char *begin)
{
    size_t size = strlen(begin);
    while (text && strncmp(text, begin, size) != 0) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return text;
}

/* Stores in *IS whether a history file is a sum of this plan. */
static bool read_is_sum(const struct checking *checking, const char *name, const char *path,
                        bool *is)
{
    struct task *task = checking->task;
    char id[BATCH_ID_SIZE] = "";
    int folder = open(task->plan.dirdata, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = folder >= 0 && awstats_history_read_batch(folder, name, task->site.name, id);
    if (!done)
        task_fail_file(task, path);
    if (folder >= 0)
        close(folder);
    *is = done && !strcmp(id, checking->batch);
    return done;
}

/* Stores the error of a file: WHAT another program has done. */
static bool fail_changed(struct task *task, const char *path, const char *what)
{
    return task_fail_to_abandon(task,
                                "%s was %s by another program since the plan was made; give the "
                                "plan up, and plan again: ",
                                path, what);
}

/* Checks a file that is in DirData. */
static bool check_file(void *user, const char *name)
{
    const struct checking *checking = user;
    struct task *task = checking->task;
    struct buffer line = {0};
    bool is_sum = false;
    char *path = path_of("%s/%s", task->plan.dirdata, name);
    bool done = history_list_file(task, &line, name);
    if (done && !find_line(checking->planned, line.data))
        done = read_is_sum(checking, name, path, &is_sum) &&
               (is_sum || fail_changed(task, path, "changed"));
    free(path);
    buffer_free(&line);
    return done;
}

/* Checks one file, which may be in DirData or not. */
static bool check_name(struct checking *checking, const char *name)
{
    char *path = path_of("%s/%s", checking->task->plan.dirdata, name);
    char *begin = path_of("%s ", name);
    bool done = access(path, F_OK) == 0 ? check_file(checking, name)
                                        : !find_line(checking->planned, begin) ||
                                              fail_changed(checking->task, path, "removed");
    free(begin);
    free(path);
    return done;
}

/* Cuts size and time off a line of the file `dirdata`; the name before them may have spaces. */
static void cut_to_name(char *line)
{
    for (int i = 0; i < 2; i++) {
        char *space = strrchr(line, ' ');
        if (space)
            *space = '\0';
    }
}

/* Checks the files that are in DirData, and those that the plan knows. */
static bool check_all(struct checking *checking)
{
    struct task *task = checking->task;
    bool done = visit_histories(task, task->plan.dirdata, check_file, checking);
    char *text = memory_copy_text(checking->planned), *rest = text, *line;
    while (done && (line = strsep(&rest, "\n")) && *line) {
        cut_to_name(line);
        done = check_name(checking, line);
    }
    free(text);
    return done;
}

/* Reads the file `dirdata`. */
static bool begin(struct checking *checking)
{
    struct task *task = checking->task;
    size_t size = 0;
    char *path = list_path(&task->plan);
    checking->planned = read_file(path, SSIZE_MAX - 1, &size);
    if (!checking->planned && errno == ENOENT)
        task_fail_to_abandon(task, "%s is missing; give the plan up, and plan again: ", path);
    else if (!checking->planned)
        task_fail_file(task, path);
    free(path);
    return checking->planned;
}

bool unchanged_check(struct task *task, const char *batch)
{
    struct checking checking = {.task = task, .batch = batch};
    bool done = begin(&checking) && check_all(&checking);
    free(checking.planned);
    return done;
}

bool unchanged_check_files(struct task *task, const char *batch, char *const *names, size_t count)
{
    struct checking checking = {.task = task, .batch = batch};
    bool done = begin(&checking);
    for (size_t i = 0; done && i < count; i++)
        done = check_name(&checking, names[i]);
    free(checking.planned);
    return done;
}
