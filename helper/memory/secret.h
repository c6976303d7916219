/* Memory for secrets: it is overwritten when it is freed or moved.  These have the types that
 * libraries want for functions of their memory. */
#ifndef MEMORY_SECRET_H
#define MEMORY_SECRET_H

#include <stddef.h>

void *secret_allocate(size_t size); /* ends the program when memory has run out */
void *secret_resize(void *bytes, size_t size);
void secret_free(void *bytes); /* NULL is allowed */

#endif
