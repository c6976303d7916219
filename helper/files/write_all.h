/* Writes to a file descriptor, to the last byte. */
#ifndef FILES_WRITE_ALL_H
#define FILES_WRITE_ALL_H

#include <stdbool.h>
#include <stddef.h>

/* Writes SIZE bytes: calls write() again after a part, and after a signal.  Returns false with
 * errno set on failure; some of the bytes may be written then. */
bool write_all(int fd, const void *data, size_t size);

#endif
