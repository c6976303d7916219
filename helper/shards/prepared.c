#include "shards/settled.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "files/read_file.h"
#include "memory/allocate.h"
#include "shards/escaped.h"

void settled_free(struct settled *settled)
{
    for (unsigned i = 0; settled->folders && i < settled->parts; i++)
        free(settled->folders[i]);
    free(settled->folders);
    free(settled->former);
    free(settled->previous);
}

bool settled_write(struct task *task, const struct settled *settled)
{
    struct buffer text = {0};
    buffer_printf(&text, "awstats-cloudfront-settled 1 %s %" PRIu64 " %" PRIu64 " ", settled->batch,
                  settled->bad, settled->quarantined);
    escaped_add(&text, settled->previous);
    buffer_add_text(&text, " ");
    escaped_add(&text, settled->former ? settled->former : "");
    buffer_add_text(&text, "\n");
    for (unsigned i = 0; i < settled->parts; i++) {
        escaped_add(&text, settled->folders[i]);
        buffer_add_text(&text, "\n");
    }
    char *path = path_of("%s/settled", task->work);
    bool done = task_write(task, path, &text);
    free(path);
    buffer_free(&text);
    return done;
}

static bool parse(struct settled *settled, char *text, unsigned parts)
{
    if (strcmp(escaped_take(&text), "awstats-cloudfront-settled") != 0 ||
        strcmp(escaped_take(&text), "1") != 0)
        return false;
    const char *batch = escaped_take(&text);
    if (!*batch || strlen(batch) >= sizeof settled->batch)
        return false;
    memcpy(settled->batch, batch, strlen(batch) + 1);
    settled->bad = strtoull(escaped_take(&text), NULL, 10);
    settled->quarantined = strtoull(escaped_take(&text), NULL, 10);
    settled->previous = memory_copy_text(escaped_take(&text));
    const char *former = escaped_take(&text);
    settled->former = *former ? memory_copy_text(former) : NULL;
    settled->parts = parts;
    settled->folders = memory_allocate(parts, sizeof *settled->folders);
    for (unsigned i = 0; i < parts; i++) {
        const char *folder = escaped_take(&text);
        if (!*folder)
            return false;
        settled->folders[i] = memory_copy_text(folder);
    }
    return true;
}

int settled_read(struct task *task, struct settled *settled)
{
    char *path = path_of("%s/settled", task->work);
    size_t size = 0;
    char *text = read_file(path, SSIZE_MAX - 1, &size);
    int result = 1;
    if (!text)
        result = errno == ENOENT ? 0 : task_fail_file(task, path) - 1;
    else if (!parse(settled, text, task->plan.parts))
        result = task_fail(task,
                           "%s is damaged; remove it, and run: awstats-cloudfront settle --work %s",
                           path, task->work) -
                 1;
    free(text);
    free(path);
    return result;
}
