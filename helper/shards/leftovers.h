/* Removes the temporary folders of tasks that were killed.
 *
 * The name of a task's temporary folder has a mark: it tells which process has made the folder, on which machine.  The
 * process is certainly dead if three things are true: it ran on this machine since the last restart, its process ID is
 * of the namespace of this process (containers have their own), and no process has this ID now.  Otherwise the process
 * may be alive, so the folder stays: another machine may be writing there. */
#ifndef SHARDS_LEFTOVERS_H
#define SHARDS_LEFTOVERS_H

/* "MACHINE-PROCESS-RANDOM" */
enum { MARK_SIZE = 16 + 1 + 20 + 1 + 16 + 1 };

/* Stores the mark of this process, which is another one with each RANDOM: 16 hex digits. */
void leftovers_make_mark(char mark[MARK_SIZE], const char *random);

/* Removes from FOLDER the folders of dead processes of this user, with all that is in them: those whose names are any
 * text, ".", a mark, and END.  Does nothing when FOLDER is not there. */
void leftovers_remove(const char *folder, const char *end);

#endif
