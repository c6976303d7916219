/* Replaces ledger and history by other files, all or none: a list of renames is on the disk before
 * the first rename, and a later run that finds the list finishes the renames.  Until then no run opens the ledger.
 *
 * The renames are in groups.  A group begins when the one before is on the disk: a power cut may undo
 * some renames of a group, and not others.  A file has both names until the new one is on the disk,
 * as a power cut may undo one half of a rename. */
#ifndef BACKUP_REPLACE_H
#define BACKUP_REPLACE_H

#include <stdbool.h>

#include "text/buffer.h"

/* Zeroed at birth: renames, "FROM\tTO\n" each. */
struct replacement {
    struct buffer list;
};

void replacement_add(struct replacement *replacement, const char *from, const char *to);

/* Begins the next group. */
void replacement_end_group(struct replacement *replacement);

/* Stores the list beside the ledger at PATH.  Returns false after adding to ERROR: nothing has
 * changed. */
bool replacement_store(const struct replacement *replacement, const char *path,
                       struct buffer *error);

/* Does the stored renames that are not done yet, and removes the list.  Returns 1; 0 when there is no
 * list; -1 after adding to ERROR: the next call goes on. */
int replacement_finish(const char *path, struct buffer *error);

#endif
