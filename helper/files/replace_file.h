/* Replaces a file that other programs read: they see the old content or the new one, whole. */
#ifndef FILES_REPLACE_FILE_H
#define FILES_REPLACE_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* Writes SIZE bytes of DATA to a new file beside PATH, with MODE whatever the umask, and renames it to
 * PATH.  Returns 0, or -1 with errno set; then PATH is as it was. */
int replace_file(const char *path, mode_t mode, const void *data, size_t size);

#endif
