/* Temporary folders of tasks, and what tasks that were killed have left of them.
 *
 * The name of each such folder has a mark of the process that has made it: of its machine and its ID there.  A process is
 * certainly dead if the mark is of this machine, since it was started, and of this namespace of process IDs, and no process
 * has this ID.  Of any other mark nothing is known, so what another machine or container has left stays until collect or
 * plan --abandon. */
#ifndef SHARDS_LEFTOVERS_H
#define SHARDS_LEFTOVERS_H

/* "MACHINE-PROCESS-RANDOM" */
enum { MARK_SIZE = 16 + 1 + 20 + 1 + 16 + 1 };

/* Stores the mark of this process, which is another one with each RANDOM: 16 hex digits. */
void leftovers_make_mark(char mark[MARK_SIZE], const char *random);

/* Removes from FOLDER the folders of dead processes of this user, with all that is in them: those whose names are any text,
 * ".", a mark, and END.  Does nothing when FOLDER is not there. */
void leftovers_remove(const char *folder, const char *end);

#endif
