/* Texts in the lines of the work's files: no TAB, no LF, and no space. */
#ifndef SHARDS_ESCAPED_H
#define SHARDS_ESCAPED_H

#include <stdint.h>

#include "text/buffer.h"

/* Adds TEXT with %XX for white space, control bytes and "%"; "-" alone stands for "". */
void escaped_add(struct buffer *out, const char *text);

/* Takes the next word of *TEXT, behind which *TEXT is then, and decodes it in place; "" when there is none. */
char *escaped_take(char **text);

/* Takes the next word as a number. */
uint64_t escaped_take_number(char **text);

#endif
