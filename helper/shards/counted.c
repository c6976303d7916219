#include "shards/counted.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "files/read_file.h"
#include "memory/allocate.h"
#include "shards/complete.h"
#include "shards/escaped.h"

void counted_free(struct counted *counted)
{
    free(counted->previous);
    free(counted->history);
    free(counted->files);
    free(counted->figures);
    free(counted->version);
}

bool counted_write(struct task *task, const struct counted *counted, const char *folder)
{
    const char *const texts[] = {counted->previous, counted->history, counted->files,
                                 counted->figures, counted->version};
    struct buffer text = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        escaped_add(&text, texts[i] ? texts[i] : "");
        buffer_add_text(&text, "\n");
    }
    char *path = path_of("%s/result", folder);
    bool done = complete_add(task, &text, folder) && task_write(task, path, &text);
    free(path);
    buffer_free(&text);
    return done;
}

int counted_read(struct task *task, struct counted *counted, unsigned number)
{
    char *path = path_of("%s/%u/result", task->plan.generation, number);
    size_t size = 0;
    char *text = read_file(path, SSIZE_MAX - 1, &size), *rest = text;
    int result = text ? 1 : errno == ENOENT ? 0 : task_fail_file(task, path) - 1;
    char **const texts[] = {&counted->previous, &counted->history, &counted->files,
                            &counted->figures, &counted->version};
    for (size_t i = 0; text && i < sizeof texts / sizeof *texts; i++)
        *texts[i] = memory_copy_text(escaped_take(&rest));
    free(text);
    free(path);
    return result;
}
