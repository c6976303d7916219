/* Reads an open file into a buffer. */
#ifndef TEXT_READ_CONTENT_H
#define TEXT_READ_CONTENT_H

#include <stdbool.h>

#include "text/buffer.h"

/* Adds all bytes of the file FD, from its beginning to its end; content->data is a text then, even of an empty
 * file.  Returns false with errno set when the file cannot be read to its end. */
bool read_content(struct buffer *content, int fd);

#endif
