/* A growable run of bytes, which may be secret. */
#ifndef TEXT_BUFFER_H
#define TEXT_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Zero at first.  The buffer owns DATA.  After the first addition, also of no bytes, DATA has a NUL
 * behind its SIZE bytes. */
struct buffer {
    char *data;
    size_t size, capacity;
    bool is_secret; /* the buffer overwrites memory before it frees it, also when the bytes move; to
                     * be set before the first addition */
};

/* Each adds bytes, and ends the program when memory has run out (memory/allocate.h). */
void buffer_add(struct buffer *buffer, const void *data, size_t size);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Returns room for SIZE more bytes behind the present ones.  The caller writes bytes there, and
 * adds their number to buffer->size. */
char *buffer_extend(struct buffer *buffer, size_t size);

void buffer_clear(struct buffer *buffer); /* makes the size 0; keeps the memory */

/* Frees the memory.  BUFFER is empty then, and as secret as before. */
void buffer_free(struct buffer *buffer);

#endif
