#include "shards/complete.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files/read_file.h"
#include "memory/allocate.h"
#include "shards/escaped.h"
#include "shards/generation.h"

#define RESULT "result"
#define MARK   "files" /* the first word of the line */

struct listing {
    struct task *task;
    struct buffer *text;
    const char *folder;
};

static bool add_file(void *user, const char *name)
{
    const struct listing *listing = user;
    struct stat status;
    char *path = path_of("%s/%s", listing->folder, name);
    bool done = stat(path, &status) == 0 || task_fail_file(listing->task, path);
    if (done) {
        buffer_add_text(listing->text, " ");
        escaped_add(listing->text, name);
        buffer_printf(listing->text, " %lld", (long long)status.st_size);
    }
    free(path);
    return done;
}

bool complete_add(struct task *task, struct buffer *text, const char *folder)
{
    struct listing listing = {task, text, folder};
    buffer_add_text(text, MARK);
    bool done = visit_histories(task, folder, add_file, &listing);
    buffer_add_text(text, "\n");
    return done;
}

bool complete_write(struct task *task, const char *folder)
{
    struct buffer text = {0};
    char *path = path_of("%s/" RESULT, folder);
    bool done = complete_add(task, &text, folder) && task_write(task, path, &text);
    free(path);
    buffer_free(&text);
    return done;
}

/* Returns the last line of TEXT behind MARK; NULL when the line does not begin with MARK, or has no end. */
static char *find_line(char *text, size_t size)
{
    if (!size || text[size - 1] != '\n')
        return NULL;
    text[size - 1] = '\0';
    char *end = strrchr(text, '\n'), *line = end ? end + 1 : text;
    size_t mark = strlen(MARK);
    if (strncmp(line, MARK, mark) != 0 || (line[mark] && line[mark] != ' '))
        return NULL;
    return line + mark + (line[mark] == ' ');
}

/* Returns whether FOLDER has the file NAME, of this size: 1, 0, or -1 with the error. */
static int has_file(struct task *task, const char *folder, const char *name, uint64_t size)
{
    struct stat status;
    char *path = path_of("%s/%s", folder, name);
    int has = stat(path, &status) == 0              ? (uint64_t)status.st_size == size
              : errno == ENOENT || errno == ENOTDIR ? 0
                                                    : task_fail_file(task, path) - 1;
    free(path);
    return has;
}

int complete_is(struct task *task, const char *folder, char **lost)
{
    char *path = path_of("%s/" RESULT, folder);
    size_t size = 0;
    char *text = read_file(path, SSIZE_MAX - 1, &size);
    int is = text || errno == ENOENT || errno == ENOTDIR ? 1 : task_fail_file(task, path) - 1;
    char *rest = text ? find_line(text, size) : NULL;
    *lost = NULL;
    if (is > 0 && !rest) {
        *lost = memory_copy_text(RESULT);
        is = 0;
    }
    while (is > 0 && *rest) {
        char *name = escaped_take(&rest);
        is = has_file(task, folder, name, escaped_take_number(&rest));
        if (is == 0)
            *lost = memory_copy_text(name);
    }
    free(text);
    free(path);
    return is;
}

bool complete_check(struct task *task, const char *folder)
{
    char *lost = NULL;
    int is = complete_is(task, folder, &lost);
    if (is == 0)
        task_fail_to_abandon(
            task, "%s/%s " COMPLETE_LOST "; give the plan up, and plan again: ", folder, lost);
    free(lost);
    return is > 0;
}

int complete_generation(struct task *task, const char *generation, char **lost)
{
    int is = 1;
    *lost = NULL;
    for (unsigned i = 0; is > 0 && i <= task->plan.shards; i++) {
        char *name = NULL;
        char *folder = i == task->plan.shards ? path_of("%s/base", generation)
                                              : path_of("%s/%u", generation, i);
        is = complete_is(task, folder, &name);
        if (is == 0)
            *lost = path_of("%s/%s", folder, name);
        free(folder);
        free(name);
    }
    return is;
}
