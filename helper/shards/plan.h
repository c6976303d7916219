/* The plan, and what a task needs before it begins. */
#ifndef SHARDS_PLAN_H
#define SHARDS_PLAN_H

#include <stdbool.h>

#include "batch/batch.h"
#include "batch/planned.h"
#include "config/site.h"
#include "normalized/batch_id.h"
#include "shards/shards.h"
#include "update/find.h"

struct plan {
    char id[64];
    char batch[BATCH_ID_SIZE]; /* as it was begun */
    unsigned shards, parts;
    char *config;     /* the configuration file */
    char *site;       /* its section */
    char *dirdata;    /* the folder of the site's history */
    char *name;       /* of the AWStats configuration: files are awstatsMMYYYY.NAME.txt */
    char *generation; /* the folder of the histories that this plan makes */
    char *before;     /* that of the plan before; NULL: the shards begin anew, from base */
    char *settings;   /* as settings_add() has written them */
    char *awstats;    /* as awstats_settings_add() has written them */
    char *newest;     /* as newest_records_add() has written them; NULL */
    char *state;      /* the path of the ledger; NULL: an earlier version made the plan */
    /* All users may read and write the history files: SaveDatabaseFilesWithPermissionsForEveryone of AWStats */
    bool is_for_everyone;
};

void plan_free(struct plan *plan);

/* A task of a plan. */
struct task {
    const struct shards_options *options;
    char work[PATH_MAX];   /* its real path, or s3://BUCKET/PREFIX */
    char folder[PATH_MAX]; /* of its files: the same path, or a temporary folder; "" before */
    struct store *store;   /* of a work in a bucket; NULL: it is a folder */
    bool has_no_plan;      /* task_begin() has found no plan in the work */
    struct plan plan;
    struct site site;
    struct update_awstats awstats;
    struct batch_error error;
};

/* Reads the settings of the site NAME of the file CONFIG. */
bool task_read_site(struct task *task, const char *config, const char *name);

/* Reads the plan of the options' work, and the settings of its site.  Returns false with the error. */
bool task_begin(struct task *task, const struct shards_options *options);

/* Whether the settings by which logs are read are still those of the plan; else with the error. */
bool task_check_settings(struct task *task);

/* Prints the error unless DONE, frees the task, and returns the exit status. */
int task_end(struct task *task, bool done);

/* Stores an error: the site's name, and the text.  Returns false. */
bool task_fail(struct task *task, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Does the same, and adds what to run: COMMAND, such as "map --part=0", for the plan's work. */
bool task_fail_to_run(struct task *task, const char *command, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Does the same, and adds the command that gives the plan up. */
bool task_fail_to_abandon(struct task *task, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Does the same for a plan that is over: it was collected, or given up. */
bool task_fail_plan_over(struct task *task);

/* The same for a file, with errno. */
bool task_fail_file(struct task *task, const char *path);

/* Stores in *IS whether the site's batch is this plan's: it is not when the plan was collected or given up.  Returns
 * false, with the error, when the plan differs from the one that the ledger has, or the setting "state" names another
 * ledger than the plan's. */
bool task_is_planned(struct task *task, bool *is);

/* Reads which plan the site's ledger has. */
bool task_read_planned(struct task *task, struct planned *planned);

/* Takes the lock that is the file PATH, as lock_take_file().  The caller closes *FD. */
bool task_lock(struct task *task, int *fd, const char *path, const char *used);

/* Returns how the task takes the site's batch; IS_PLANNED: as one of the plan's tasks. */
struct batch_options task_batch_options(const struct task *task, bool is_planned);

/* Stores a random name: 16 hex digits. */
enum { TASK_NAME_SIZE = 17 };
bool task_make_name(struct task *task, char name[TASK_NAME_SIZE]);

/* Removes what tasks that were killed have left beside PATH (leftovers.h). */
void task_remove_leftovers(const char *path);

/* Makes a folder beside PATH for a result that will be PATH, and removes leftovers; the caller frees the name.  NULL
 * with the error. */
char *task_make_folder(struct task *task, const char *path);

/* Syncs all files of FOLDER, and renames it to PATH, unless that is there: then another task was faster, and FOLDER is
 * removed. */
bool task_put_in_place(struct task *task, const char *folder, const char *path);

/* Writes a small file. */
bool task_write(struct task *task, const char *path, const struct buffer *text);

/* Removes a folder with all that is in it, if it is there.  Follows no links: while a shard is counted, its folder has
 * links to files and folders in DirData. */
void remove_tree(const char *path);

/* Returns a path in a new text: FORMAT as for printf. */
char *path_of(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

#endif
