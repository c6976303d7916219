/* Makes missing folders, and syncs folders. */
#ifndef FILES_FOLDERS_H
#define FILES_FOLDERS_H

#include <sys/types.h>

/* Makes the folder PATH and all folders above it that are missing, with MODE (less the umask).
 * Each new folder belongs to the owner of the folder above it when this process is root, and is on
 * the disk when the function returns.  Returns 0, or -1 with errno set. */
int folders_make(const char *path, mode_t mode);

/* Makes the folders above the file PATH in the same way, but not PATH itself. */
int folders_make_above(const char *path, mode_t mode);

/* Returns the folder that contains PATH; the caller frees the text. */
char *folders_above(const char *path);

/* Gives the new file or folder FD, in the folder that contains PATH, to the owner of that folder,
 * when this process is root and the folder is another user's: root must not lock out the owner.
 * Returns 0, or -1 with errno set. */
int folders_give(int fd, const char *path);

/* Waits until the names in the folder above the file PATH are on the disk: after a power failure
 * no file that was renamed or removed there is back.  Returns 0, or -1 with errno set. */
int folders_sync_above(const char *path);

/* Waits until PATH and the names of all folders above it are on the disk, as far as this user may
 * read these folders: an earlier run may have made them, and ended before it could wait.  Returns
 * 0, or -1 with errno set. */
int folders_sync_all_above(const char *path);

#endif
