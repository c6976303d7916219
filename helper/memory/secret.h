/* Memory for secrets, which is overwritten when it is freed or moved.  The functions have the types
 * of malloc(), realloc() and free(): libraries take them in the place of these. */
#ifndef MEMORY_SECRET_H
#define MEMORY_SECRET_H

#include <stddef.h>

/* Both end the program when memory has run out. */
void *secret_allocate(size_t size);
void *secret_resize(void *bytes, size_t size);
void secret_free(void *bytes); /* NULL is allowed */

#endif
