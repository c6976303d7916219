/* Which characters may be printed as they are. */
#ifndef TEXT_PLAIN_H
#define TEXT_PLAIN_H

#include <stddef.h>

#include "text/buffer.h"

/* Returns the size of the character at S, whose text ends with a NUL, when it is valid UTF-8 and no
 * control character: neither C0 and DEL nor C1 (U+0080 to U+009F), which some terminals obey too.
 * Else returns 0: then the byte at S is printed as an escape. */
size_t plain_size(const char *s);

/* Adds TEXT, with \xHH for each byte that may not be printed as it is.  The characters in ESCAPED get a
 * backslash before them; if the backslash is one of them, that of \xHH gets one, too: a JSON string and
 * a label of Prometheus must be UTF-8, and have no escape for a byte. */
void plain_add(struct buffer *buffer, const char *text, const char *escaped);

#endif
