/* Opens temporary files, which no run leaves behind. */
#ifndef FILES_TEMPORARY_H
#define FILES_TEMPORARY_H

/* Returns the directory for temporary files: $TMPDIR, else /var/tmp.  /var/tmp is on disk; /tmp may
 * be in memory. */
const char *temporary_directory(void);

/* Opens a file without a name in DIRECTORY; closing the descriptor removes the file.  Returns the
 * descriptor, or -1 with errno set. */
int temporary_open(const char *directory);

#endif
