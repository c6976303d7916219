/* Reads a range of a file completely. */
#ifndef FILES_READ_AT_H
#define FILES_READ_AT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Reads SIZE bytes at OFFSET, or fewer if the file ends before.  Calls pread() again after a part, and after a signal.
 * Returns the number of bytes; -1 with errno set on failure. */
ssize_t read_at(int fd, void *data, size_t size, uint64_t offset);

#endif
