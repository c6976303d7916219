/* The objects of a plan in a bucket, by their names behind the ID of the plan.  Only work*.c use this. */
#ifndef SHARDS_WORK_OBJECTS_H
#define SHARDS_WORK_OBJECTS_H

#include "shards/plan.h"
#include "shards/store.h"

/* Returns the name of a listed object; NULL when the plan cannot have made the object. */
const char *work_objects_name(const struct task *task, const struct store_object *object);

/* Adds the object NAME, and the PATH of a file, which the objects own then; NULL: none. */
void work_objects_add(const struct task *task, struct store_objects *objects, const char *name,
                      char *path);

/* Adds the objects NAME/FILE for the files of FOLDER, as far as a plan has such objects.  Leaves out the files that are
 * the same in the folder WITHOUT; NULL: none. */
bool work_objects_add_folder(struct task *task, struct store_objects *objects, const char *name,
                             const char *folder, const char *without);

/* Adds the objects whose names begin with BEGIN. */
bool work_objects_list(struct task *task, struct store_objects *objects, const char *begin);

/* Copies the objects into their files, or the files into their objects, if the objects are COMPLETE, which they are not
 * after an error; frees them. */
bool work_objects_get(struct task *task, struct store_objects *objects, bool complete);
bool work_objects_put(struct task *task, struct store_objects *objects, bool complete);

/* Copies the objects whose names begin with BEGIN into files of the same names in the task's folder. */
bool work_objects_fetch(struct task *task, const char *begin);

#endif
