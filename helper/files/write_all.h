/* Writes to a file descriptor, to the last byte. */
#ifndef FILES_WRITE_ALL_H
#define FILES_WRITE_ALL_H

#include <stdbool.h>
#include <stddef.h>

/* Writes SIZE bytes, however many write() takes at once and whatever signals come.  Returns false
 * with errno set when it fails; some of the bytes may have been written then. */
bool write_all(int fd, const void *data, size_t size);

#endif
