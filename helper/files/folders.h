/* Makes missing folders, and syncs folders. */
#ifndef FILES_FOLDERS_H
#define FILES_FOLDERS_H

#include <sys/types.h>

/* Makes the folder PATH and all folders above it that are missing, with MODE (less the umask).
 * Returns 0, or -1 with errno set. */
int folders_make(const char *path, mode_t mode);

/* Makes the folders above the file PATH in the same way, but not PATH itself. */
int folders_make_above(const char *path, mode_t mode);

/* Waits until the names in the folder above the file PATH are on the disk: after a power failure
 * no file that was renamed or removed there is back.  Returns 0, or -1 with errno set. */
int folders_sync_above(const char *path);

#endif
