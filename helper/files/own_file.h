/* Opens the program's own files (ledger, lock) in folders where another user may write: an update
 * that root starts works in folders of www-data.  A name that this user has planted there must not
 * lead to another file. */
#ifndef FILES_OWN_FILE_H
#define FILES_OWN_FILE_H

#include <stdbool.h>
#include <sys/types.h>

/* Opens the file PATH for reading and writing.  With MAKE, makes a missing file with MODE, and
 * gives the file to the owner of its folder (folders_give()).  *IS_NEW (may be NULL) tells whether
 * the file was made.  Refuses symbolic links (ELOOP), files with several names (EMLINK), and
 * everything that is not a regular file (EBADFD). Returns the descriptor, or -1 with errno set;
 * text/file_error.h explains the errors. */
int own_file_open(const char *path, bool make, mode_t mode, bool *is_new);

#endif
