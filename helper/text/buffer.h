/* A growable run of bytes. */
#ifndef TEXT_BUFFER_H
#define TEXT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed at birth.  data is owned by the buffer and always has a NUL behind its size bytes once
 * anything was added; it is not part of size. */
struct buffer {
    char *data;
    size_t size, capacity;
    bool failed; /* never set */
};

/* Each ends the program when memory has run out (memory/allocate.h), so what they return need not be
 * looked at. */
bool buffer_add(struct buffer *buffer, const void *data, size_t size);
/* Room for SIZE more bytes behind the present ones; they count once they are added to size. */
char *buffer_extend(struct buffer *buffer, size_t size);
bool buffer_add_text(struct buffer *buffer, const char *text);
bool buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void buffer_clear(struct buffer *buffer); /* size 0; keeps the memory */
void buffer_free(struct buffer *buffer);  /* back to zero */

#endif
