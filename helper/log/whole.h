/* The bytes of an object that is read at once: in memory, or in a temporary file if there are many. */
#ifndef LOG_WHOLE_H
#define LOG_WHOLE_H

#include <stdbool.h>
#include <stddef.h>

/* The most bytes that are kept in memory. */
enum { WHOLE_MEMORY_MAX = 64 * 1024 * 1024 };

struct whole;

/* Makes an empty one; NULL when memory has run out. */
struct whole *whole_new(void);
void whole_free(struct whole *whole);

void whole_begin(struct whole *whole); /* forgets the object before */

/* Adds bytes.  Returns false when there is no room for them: then errno is set. */
bool whole_add(struct whole *whole, const void *data, size_t size);

/* Returns all bytes, which stay until the next call of another function; NULL after an error: then
 * errno is set. */
const unsigned char *whole_get(struct whole *whole, size_t *size);

#endif
