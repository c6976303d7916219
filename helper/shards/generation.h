/* Generations: the histories that the shards of a plan have counted; and which generation was collected last. */
#ifndef SHARDS_GENERATION_H
#define SHARDS_GENERATION_H

#include "shards/plan.h"

/* Returns the folder that has all generations of a site; the caller frees it. */
char *generations_folder(const struct plan *plan);

/* Takes the lock of all generations of a site, for a collect or for giving the plan up: GENERATION is one of them.  The
 * caller closes *FD. */
bool generations_lock(struct task *task, const char *generation, int *fd);

/* Checks that the plan's generation is there; else the plan must be given up, which the error of the task says. */
bool generations_check(struct task *task);

/* Whether NAME is that of a history file of the plan's configuration. */
bool is_history(const struct plan *plan, const char *name);

/* Returns the digits of the period in the name of a history file. */
const char *history_date(const char *name);

/* Returns awstats_history_add_name() of the site's history, one of whose files is NAME.  The caller frees the text. */
char *history_name(const struct plan *plan, const char *name);

/* Compares two names of history files, char *const *, by their periods; for qsort(). */
int compare_histories(const void *a, const void *b);

/* Whether both paths lead to one file, or both to none. */
bool is_same_file(const char *path, const char *other);

/* Calls VISIT for each history file in FOLDER, by its name, the oldest period first; it returns false to end.  Returns
 * false after an error, or when VISIT has. */
typedef bool visit_history(void *user, const char *name);
bool visit_histories(struct task *task, const char *folder, visit_history *visit, void *user);

/* Gives the history files in FROM a second name in the folder TO, unless TO has a file of this name. */
bool link_histories(struct task *task, const char *from, const char *to);

/* Adds a line to TEXT for the file NAME of the site's history: its name, size and time, which change when the file does.
 * history_list() adds the lines of all files, the oldest period first. */
bool history_list_file(struct task *task, struct buffer *text, const char *name);
bool history_list(struct task *task, struct buffer *text);

/* Writes that the plan's generation was collected last. */
bool current_write(struct task *task);

/* Finds the generation from which the plan's shards go on: *BEFORE, which the caller frees.  NULL: there is none for
 * this number of shards, or the site's history was changed since, by an update or a recount. */
bool current_read(struct task *task, char **before);

/* Whether the plan's generation was collected last; not when that cannot be read. */
bool current_is(const struct task *task);

/* Removes all generations but the plan's. */
void remove_other_generations(const struct plan *plan);

#endif
