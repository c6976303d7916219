/* Replaces ledger and history by other files, all or none: a list of renames is on the disk before
 * the first one, and whoever finds the list finishes it. Until then nobody opens the ledger. */
#ifndef BACKUP_REPLACE_H
#define BACKUP_REPLACE_H

#include <stdbool.h>

#include "text/buffer.h"

/* Zeroed at birth: renames, "FROM\tTO\n" each. */
struct replacement {
    struct buffer list;
};

void replacement_add(struct replacement *replacement, const char *from, const char *to);

/* Stores the list beside the ledger at PATH.  Returns false after adding to ERROR: nothing has
 * changed. */
bool replacement_store(const struct replacement *replacement, const char *path,
                       struct buffer *error);

/* Does the stored renames that are not done yet, and removes the list.  Returns 1; 0 when there is no
 * list; -1 after adding to ERROR: the next call goes on. */
int replacement_finish(const char *path, struct buffer *error);

#endif
