/* Files for the time of a run. */
#ifndef FILES_TEMPORARY_H
#define FILES_TEMPORARY_H

/* Where they go: $TMPDIR, else /var/tmp, which is on a disk where /tmp may be memory. */
const char *temporary_directory(void);

/* Opens a file in DIRECTORY that has no name, and so is gone when it is closed.  Returns its
 * descriptor, or -1 with errno set. */
int temporary_open(const char *directory);

#endif
