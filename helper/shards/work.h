/* Passes files between the tasks of a plan: by a folder, or by a bucket.
 *
 * A folder that all machines see: the tasks read and write its files, and these functions have nothing to do.
 *
 * A bucket, s3://BUCKET/PREFIX: a task has a temporary folder that is laid out as such a folder.  These functions copy
 * into that folder the objects that the task reads, and put into the bucket what the task has made.  The objects:
 *
 *   PREFIX/plan                         names the plan; ID is the ID of this plan
 *   PREFIX/ID/parts/I                   the same files as in a folder
 *   PREFIX/ID/prepared
 *   PREFIX/ID/before/K/                 the history from which shard K goes on, and its `result`
 *   PREFIX/ID/maps/I/TRY/               K.zst
 *   PREFIX/ID/shards/K/TRY/             the history files of shard K that the plan has changed
 *   PREFIX/ID/results/maps/I/TRY        the file `result`: this try is complete
 *   PREFIX/ID/results/shards/K/TRY
 *
 * Each run of a task is a try with a name of its own, and its result is the last object that it makes.  So a task that
 * is killed, or runs twice at once, harms nothing: its reader takes one try whose result is there, and keeps to it.
 * prepare writes the tries of the maps into `prepared`, once, under the lock of the ledger; collect copies the try of a
 * shard into the generation, once.  No request has a condition, since some stores support none.  The ledger, the site's
 * history and the generations stay with the machine that runs plan, prepare and collect. */
#ifndef SHARDS_WORK_H
#define SHARDS_WORK_H

#include "shards/plan.h"

/* Opens the work of the options; that of a bucket by the settings of the task's site. */
bool work_open(struct task *task);

/* Reads the plan of the work.  Returns 1; 0 when there is none; -1 with the error.  The caller frees the zeroed PLAN in
 * all cases. */
int work_read_plan(struct task *task, struct plan *plan);

/* Makes the temporary folder of a bucket. */
bool work_make_folder(struct task *task);

/* Writes the plan, and passes it on with the parts and the histories of before. */
bool work_write_plan(struct task *task);

/* Whether a try of KIND, "maps" or "shards", with this NUMBER has its result; of a folder: whether PATH is there. */
bool work_has_result(struct task *task, const char *kind, unsigned number, const char *path,
                     bool *has);

/* Fetches a file, if it is there.  FORMAT as for printf. */
bool work_fetch(struct task *task, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Passes on a file of the work. */
bool work_put(struct task *task, const char *name);

/* Fetches the lists of the parts, and what the maps have found.  FOLDERS, of each part: where its logs are, in the
 * work; NULL when no map has ended; the caller frees them in both cases. */
bool work_fetch_maps(struct task *task, char **folders);

/* Fetches the logs of a shard, which are in these FOLDERS of the parts. */
bool work_fetch_logs(struct task *task, char *const *folders, unsigned shard);

/* Fetches the history from which a shard goes on.  With a bucket, the generations of the task's plan are in the
 * temporary folder then. */
bool work_fetch_before(struct task *task, unsigned shard);

/* Fetches the histories of all shards that are counted into the generation. */
bool work_fetch_shards(struct task *task);

/* Passes on the files of the folder PATH, which a map or a reduce has made, and its result. */
bool work_publish(struct task *task, const char *kind, unsigned number, const char *path);

/* Passes on the logs of a part in FOLDER, without a result.  Returns where they are in the work; the caller frees the
 * name.  NULL with the error. */
char *work_publish_logs(struct task *task, unsigned part, const char *folder);

/* In a folder: removes the lists of the parts and the logs of the maps.  The small files `plan` and `prepared` stay, so
 * that a task that is late finds its plan, and no other plan takes the folder.
 *
 * In a bucket: deletes the objects of the plan, and no other object; the plan itself comes last.  Prints a warning when
 * some cannot be deleted. */
bool work_remove(struct task *task);

/* Removes the temporary folder. */
void work_close(struct task *task);

#endif
