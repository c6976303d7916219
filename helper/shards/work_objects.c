#include "shards/work_objects.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "shards/generation.h"
#include "shards/work_names.h"

const char *work_objects_name(const struct task *task, const struct store_object *object)
{
    const char *name = object->name + strlen(task->plan.id) + 1;
    return work_name_is(&task->plan, name) ? name : NULL;
}

void work_objects_add(const struct task *task, struct store_objects *objects, const char *name,
                      char *path)
{
    char *object = path_of("%s/%s", task->plan.id, name);
    store_objects_add(task->store, objects, object, path);
    free(object);
}

bool work_objects_add_folder(struct task *task, struct store_objects *objects, const char *name,
                             const char *folder, const char *without)
{
    const struct dirent *entry;
    DIR *stream = opendir(folder);
    if (!stream)
        return task_fail_file(task, folder);
    while ((entry = readdir(stream))) {
        char *file = path_of("%s/%s", name, entry->d_name);
        char *path = path_of("%s/%s", folder, entry->d_name);
        char *other = path_of("%s/%s", without ? without : "", entry->d_name);
        if (work_name_is(&task->plan, file) && !(without && is_same_file(path, other)))
            work_objects_add(task, objects, file, path);
        else
            free(path);
        free(other);
        free(file);
    }
    closedir(stream);
    return true;
}

bool work_objects_list(struct task *task, struct store_objects *objects, const char *begin)
{
    char *name = path_of("%s/%s", task->plan.id, begin);
    bool done = store_list(task->store, name, objects, &task->error.text);
    free(name);
    return done;
}

bool work_objects_get(struct task *task, struct store_objects *objects, bool complete)
{
    bool done = complete && store_get(task->store, objects, &task->error.text);
    store_objects_free(objects);
    return done;
}

bool work_objects_put(struct task *task, struct store_objects *objects, bool complete)
{
    bool done = complete && store_put(task->store, objects, &task->error.text);
    store_objects_free(objects);
    return done;
}

bool work_objects_fetch(struct task *task, const char *begin)
{
    struct store_objects objects = {0};
    bool done = work_objects_list(task, &objects, begin);
    for (size_t i = 0; i < objects.count; i++) {
        const char *name = work_objects_name(task, &objects.list[i]);
        if (name)
            objects.list[i].path = path_of("%s/%s", task->folder, name);
    }
    return work_objects_get(task, &objects, done);
}
