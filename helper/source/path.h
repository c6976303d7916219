/* The functions of clean_path.c. */
#ifndef SOURCE_PATH_H
#define SOURCE_PATH_H

#include "source/kind.h"

/* Removes files, as source_remove(). */
bool path_remove(struct source *source, struct cleaner *cleaner, struct clean_item *items,
                 size_t count);

/* Moves a file into another folder of the same filesystem without replacing one there, and syncs that folder.  The
 * file has both names until the new one is on the disk, since a power failure may leave only a half of a rename
 * between two folders.  Returns 0, or -1 with errno set: EXDEV if the folder is on another filesystem. */
int path_move(const char *from, const char *to);

#endif
