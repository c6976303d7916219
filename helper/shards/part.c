#include "shards/part.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "files/folders.h"
#include "files/read_file.h"
#include "memory/allocate.h"
#include "shards/escaped.h"

#define PART_END "END\n"

/* The time of a request for an object, expressed in bytes of logs. */
enum { OBJECT_BYTES = 16 * 1024 };

static uint64_t weigh(const struct source_object *object)
{
    return object->size + OBJECT_BYTES;
}

static void add_object(struct buffer *text, const struct source_object *object)
{
    buffer_printf(text, "%" PRIu64 " %" PRId64 " ", object->size, object->modified);
    escaped_add(text, object->tag);
    buffer_add_text(text, " ");
    escaped_add(text, object->key);
    buffer_add_text(text, "\n");
}

bool parts_write(struct task *task, const struct source_object *objects, size_t count)
{
    struct buffer text = {0};
    uint64_t all = 0, weight = 0;
    size_t next = 0;
    bool done = true;
    for (size_t i = 0; i < count; i++)
        all += weigh(&objects[i]);
    for (unsigned part = 0; done && part < task->plan.parts; part++) {
        buffer_clear(&text);
        /* An object belongs to the part that has the object's first byte. */
        uint64_t end = part + 1 == task->plan.parts
                           ? UINT64_MAX
                           : all / task->plan.parts * (part + 1) + all % task->plan.parts;
        for (; next < count && weight < end; next++) {
            add_object(&text, &objects[next]);
            weight += weigh(&objects[next]);
        }
        buffer_add_text(&text, PART_END);
        char *path = path_of("%s/parts/%u", task->folder, part);
        done = folders_make_above(path, 0755) == 0 ? task_write(task, path, &text)
                                                   : task_fail_file(task, path);
        free(path);
    }
    buffer_free(&text);
    return done;
}

static bool parse(struct part *part, char *text)
{
    while (*text && strcmp(text, PART_END) != 0) {
        part->objects =
            array_grow(part->objects, part->count, &part->capacity, sizeof *part->objects);
        struct source_object *object = &part->objects[part->count++];
        object->size = escaped_take_number(&text);
        object->modified = strtoll(escaped_take(&text), NULL, 10);
        object->tag = escaped_take(&text);
        object->key = escaped_take(&text);
        if (!*object->key)
            return false;
    }
    return *text;
}

bool part_read(struct task *task, struct part *part, unsigned number)
{
    char *path = path_of("%s/parts/%u", task->folder, number);
    size_t size = 0;
    part->text = read_file(path, SSIZE_MAX - 1, &size);
    bool done = part->text && parse(part, part->text);
    if (!part->text && errno == ENOENT)
        task_fail_plan_over(task);
    else if (!part->text)
        task_fail_file(task, path);
    else if (!done)
        task_fail(task, "%s: the list of objects is corrupt; make a new plan", path);
    free(path);
    return done;
}

void part_free(struct part *part)
{
    free(part->text);
    free(part->objects);
}
