/* Opens temporary files, which end with the run. */
#ifndef FILES_TEMPORARY_H
#define FILES_TEMPORARY_H

/* Returns the directory for temporary files: $TMPDIR, else /var/tmp, which is on disk where /tmp
 * may be memory. */
const char *temporary_directory(void);

/* Opens a file without a name in DIRECTORY, which is gone once it is closed.  Returns its
 * descriptor, or -1 with errno set. */
int temporary_open(const char *directory);

#endif
