/* Which history files a folder of a generation has: the last line of its file `result`.  A file that is missing there
 * looks as if its period had no records, so the tasks that read a folder compare it with this line first. */
#ifndef SHARDS_COMPLETE_H
#define SHARDS_COMPLETE_H

#include "shards/plan.h"

/* Adds the line: the names and sizes of the history files in FOLDER. */
bool complete_add(struct task *task, struct buffer *text, const char *folder);

/* Writes a file `result` of this line alone into FOLDER: that of the history from before all shards. */
bool complete_write(struct task *task, const char *folder);

/* What messages say of a lost file, behind its path. */
#define COMPLETE_LOST "is missing, or was changed by another program"

/* Whether FOLDER has all files that its `result` names, each of the size that it had: 1; 0 when not, with the name of
 * the first file that is not so, perhaps `result` itself, in *LOST, which the caller frees; -1 with the error. */
int complete_is(struct task *task, const char *folder, char **lost);

/* Checks that FOLDER has all its files, as above; else the plan must be given up, which the error of the task says. */
bool complete_check(struct task *task, const char *folder);

/* Finds a file that is lost in one of the folders of the GENERATION, which has as many shards as the plan.  Returns as
 * complete_is() does; *LOST is the path. */
int complete_generation(struct task *task, const char *generation, char **lost);

#endif
