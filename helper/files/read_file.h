/* Reads a whole file into memory. */
#ifndef FILES_READ_FILE_H
#define FILES_READ_FILE_H

#include <stddef.h>

/* Returns the first LIMIT bytes of the file PATH, with a NUL behind the last one; the caller frees
 * them.  *SIZE is their number; LIMIT + 1: the file is larger.  Returns NULL with errno set when
 * the file cannot be read, or when it is a pipe and nothing comes for five seconds. */
char *read_file(const char *path, size_t limit, size_t *size);

#endif
