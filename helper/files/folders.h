/* Makes missing folders, and syncs folders. */
#ifndef FILES_FOLDERS_H
#define FILES_FOLDERS_H

#include <sys/types.h>

/* Makes the folder PATH and all missing folders above it, with MODE (less the umask).  If this
 * process is root, each new folder gets the owner of the folder above it.  All new folders are on
 * the disk when the function returns.  Returns 0, or -1 with errno set. */
int folders_make(const char *path, mode_t mode);

/* Makes the folders above the file PATH in the same way, but not PATH itself. */
int folders_make_above(const char *path, mode_t mode);

/* Returns the folder that contains PATH; the caller frees the text. */
char *folders_above(const char *path);

/* Gives FD, the new file or folder PATH, to the owner of the folder that contains PATH, if this
 * process is root: root must not lock out the owner.  Returns 0, or -1 with errno set. */
int folders_give(int fd, const char *path);

/* Waits until the names in the folder that contains PATH are on the disk: a power failure brings no
 * file back that was renamed or removed there.  Returns 0, or -1 with errno set. */
int folders_sync_above(const char *path);

/* Waits until the names of PATH and of all folders above it are on the disk, as far as this user
 * may read these folders.  An earlier run may have made the folders, and ended before it could
 * wait.  Returns 0, or -1 with errno set. */
int folders_sync_all_above(const char *path);

#endif
