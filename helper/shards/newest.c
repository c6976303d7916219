#include "shards/newest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "awstats/history.h"
#include "files/temporary.h"
#include "historyfile/merge.h"
#include "shards/generation.h"

/* Reads the times of a history file.  Returns false with errno set. */
static bool read_times(const char *folder, const char *name, struct awstats_history_times *times)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && awstats_history_read_times(fd, name, times);
    int number = errno;
    if (fd >= 0)
        close(fd);
    errno = number;
    return done;
}

struct visiting {
    struct task *task;
    const char *folder;
    struct buffer *text;
};

static bool add_newest(void *user, const char *name)
{
    const struct visiting *visiting = user;
    struct awstats_history_times times;
    if (!read_times(visiting->folder, name, &times))
        return task_fail_file(visiting->task, name);
    const char *date = history_date(name);
    buffer_printf(visiting->text, "%s%.*s=%" PRIu64, visiting->text->size ? " " : "",
                  (int)strcspn(date, "."), date, times.newest);
    return true;
}

bool newest_records_add(struct task *task, struct buffer *text)
{
    struct visiting visiting = {task, task->plan.dirdata, text};
    return visit_histories(task, task->plan.dirdata, add_newest, &visiting);
}

uint64_t newest_records_get(const struct plan *plan, const char *name)
{
    const char *date = history_date(name), *word = plan->newest ? plan->newest : "";
    size_t size = strcspn(date, ".");
    for (; *word; word += strspn(word, " ")) {
        if (!strncmp(word, date, size) && word[size] == '=')
            return strtoull(word + size + 1, NULL, 10);
        word += strcspn(word, " ");
    }
    return 0;
}

/* Ends visits in a history file.  Replaces the file, and does not change it: other folders may have links to it. */
static bool end_visits(void *user, const char *name)
{
    const struct visiting *visiting = user;
    struct task *task = visiting->task;
    struct awstats_history_times times = {0};
    uint64_t newest = newest_records_get(&task->plan, name);
    char *path = path_of("%s/%s", visiting->folder, name);
    char *ended = path_of("%s/ended", visiting->folder);
    char *inputs[] = {path, NULL};
    const struct history_merge_options options = {.output = ended,
                                                  .inputs = inputs,
                                                  .memory = HISTORY_MERGE_MEMORY,
                                                  .directory = temporary_directory(),
                                                  .is_of_shards = true,
                                                  .newest = newest};
    bool done = read_times(visiting->folder, name, &times) || task_fail_file(task, path);
    if (done && times.newest < newest) {
        done = history_merge(&options, &task->error.text);
        if (done && rename(ended, path) < 0)
            done = task_fail_file(task, path);
    }
    free(path);
    free(ended);
    return done;
}

bool newest_records_end_visits(struct task *task, const char *folder)
{
    struct visiting visiting = {.task = task, .folder = folder};
    return visit_histories(task, folder, end_visits, &visiting);
}

uint64_t newest_records_first(const struct plan *plan, const char *name)
{
    uint64_t first = 0;
    for (unsigned i = 0; i <= plan->shards; i++) {
        struct awstats_history_times times;
        char *folder = i == plan->shards ? path_of("%s/base", plan->generation)
                                         : path_of("%s/%u", plan->generation, i);
        bool is_read = read_times(folder, name, &times);
        uint64_t time = !is_read ? 0 : times.first ? times.first : times.newest;
        if (time && (!first || time < first))
            first = time;
        free(folder);
    }
    return first;
}
