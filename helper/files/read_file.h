/* Reads a whole file into memory. */
#ifndef FILES_READ_FILE_H
#define FILES_READ_FILE_H

#include <stddef.h>

/* Returns the first LIMIT bytes of the file PATH, with a NUL behind the last one; the caller frees
 * them.  *SIZE becomes their number, or LIMIT + 1 if the file is larger.  Returns NULL with errno
 * set if the file cannot be read, or is a pipe from which nothing comes for five seconds (ENODATA).
 * No copy of the bytes stays in memory, since they may be secret. */
char *read_file(const char *path, size_t limit, size_t *size);

#endif
