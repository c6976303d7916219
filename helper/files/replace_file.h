/* Replaces a file that other programs read: they see the whole old content, or the whole new
 * one. */
#ifndef FILES_REPLACE_FILE_H
#define FILES_REPLACE_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* Writes SIZE bytes of DATA to a new file in the folder of PATH, and renames the file to PATH.  The
 * file gets MODE, whatever the umask is.  Returns 0, or -1 with errno set; then PATH is as it
 * was. */
int replace_file(const char *path, mode_t mode, const void *data, size_t size);

#endif
