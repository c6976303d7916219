#include "shards/prepared.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "files/read_file.h"
#include "memory/allocate.h"
#include "shards/escaped.h"
#include "shards/work.h"

void prepared_free(struct prepared *prepared)
{
    for (unsigned i = 0; prepared->folders && i < prepared->parts; i++)
        free(prepared->folders[i]);
    free(prepared->folders);
    free(prepared->former);
    free(prepared->previous);
}

bool prepared_write(struct task *task, const struct prepared *prepared)
{
    struct buffer text = {0};
    buffer_printf(&text, "awstats-cloudfront-prepared 1 %s ", prepared->batch);
    escaped_add(&text, prepared->previous);
    buffer_add_text(&text, " ");
    escaped_add(&text, prepared->former ? prepared->former : "");
    buffer_add_text(&text, "\n");
    for (unsigned i = 0; i < prepared->parts; i++) {
        escaped_add(&text, prepared->folders[i]);
        buffer_add_text(&text, "\n");
    }
    buffer_printf(&text, "%llu\n%llu\n", (unsigned long long)time(NULL),
                  (unsigned long long)prepared->quarantined);
    char *path = path_of("%s/prepared", task->folder);
    bool done = task_write(task, path, &text) && work_put(task, "prepared");
    free(path);
    buffer_free(&text);
    return done;
}

static bool parse(struct prepared *prepared, char *text, unsigned parts)
{
    if (strcmp(escaped_take(&text), "awstats-cloudfront-prepared") != 0 ||
        strcmp(escaped_take(&text), "1") != 0)
        return false;
    const char *batch = escaped_take(&text);
    if (!*batch || strlen(batch) >= sizeof prepared->batch)
        return false;
    memcpy(prepared->batch, batch, strlen(batch) + 1);
    prepared->previous = memory_copy_text(escaped_take(&text));
    const char *former = escaped_take(&text);
    prepared->former = *former ? memory_copy_text(former) : NULL;
    prepared->parts = parts;
    prepared->folders = memory_allocate(parts, sizeof *prepared->folders);
    for (unsigned i = 0; i < parts; i++) {
        const char *folder = escaped_take(&text);
        if (!*folder)
            return false;
        prepared->folders[i] = memory_copy_text(folder);
    }
    prepared->time = escaped_take_number(&text);
    prepared->quarantined =
        escaped_take_number(&text); /* 0 without this line: an earlier version's */
    return true;
}

int prepared_read(struct task *task, struct prepared *prepared)
{
    if (!work_fetch(task, "prepared"))
        return -1;
    char *path = path_of("%s/prepared", task->folder);
    size_t size = 0;
    char *text = read_file(path, SSIZE_MAX - 1, &size);
    int result = 1;
    if (!text)
        result = errno == ENOENT ? 0 : task_fail_file(task, path) - 1;
    else if (!parse(prepared, text, task->plan.parts))
        result = task_fail_to_run(task, "prepare", "%s is corrupt; remove it, and run: ", path) - 1;
    free(text);
    free(path);
    return result;
}
