/* Copies files durably, with their digest. */
#ifndef BACKUP_COPY_H
#define BACKUP_COPY_H

#include <stdbool.h>

#include "backup/manifest.h"

/* Copies FROM to the new file TO, with the mode of FILE; stores size and digest in FILE.  The copy
 * is on the disk when the function returns, but not its name.  It belongs to the owner of its
 * folder.  Neither path may be a symbolic link.  Returns false after adding to ERROR; then there
 * is no file TO. */
bool copy_file(const char *from, const char *to, struct manifest_file *file, struct buffer *error);

/* Reads the size and digest of PATH into FILE. */
bool copy_digest(const char *path, struct manifest_file *file, struct buffer *error);

#endif
