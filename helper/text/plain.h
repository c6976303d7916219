/* Escapes characters that must not be printed as they are. */
#ifndef TEXT_PLAIN_H
#define TEXT_PLAIN_H

#include <stddef.h>

#include "text/buffer.h"

/* Returns the bytes of the character at S if it is valid UTF-8 and may be printed; else 0: then the
 * byte at S is printed as an escape.  The text at S ends with a NUL.  Not printed are
 *  - control characters: C0, DEL, and C1 (U+0080 to U+009F), which some terminals obey, too;
 *  - characters that change the direction of the text around them (Unicode's Bidi_Control: U+061C,
 *    U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), by which a name can look like another. */
size_t plain_size(const char *s);

/* Adds the character at S, which must not be printed, as \uHHHH of JSON.  JSON has no form for a
 * byte that is no character, so such a byte is added as a character of Latin 1.  Returns the bytes
 * of the character. */
size_t plain_add_code(struct buffer *buffer, const char *s);

/* Adds TEXT, with \xHH for each byte that must not be printed as it is, and with a backslash before
 * each character of ESCAPED.  If ESCAPED has the backslash, that of \xHH gets one, too: a JSON
 * string and a label of Prometheus must be UTF-8, and have no escape for a byte. */
void plain_add(struct buffer *buffer, const char *text, const char *escaped);

/* Prints TEXT on standard output, in the form of plain_add(). */
void plain_print(const char *text, const char *escaped);

#endif
