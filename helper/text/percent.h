/* Percent-encoding (RFC 3986, section 2.1), for object keys, URLs, fields of logs and file names.
 *
 * percent_put() and percent_byte() need no memory, so every module can use them. */
#ifndef TEXT_PERCENT_H
#define TEXT_PERCENT_H

#include <stdbool.h>

#include "text/buffer.h"

/* The value of a hexadecimal digit plus one, 0 for any other byte. */
extern const unsigned char percent_digit[256];

/* Writes "%XX" (capitals) for BYTE, without a NUL.  Returns the end of the three bytes. */
static inline char *percent_put(char *out, unsigned char byte)
{
    static const char digits[] = "0123456789ABCDEF";
    *out++ = '%';
    *out++ = digits[byte >> 4];
    *out++ = digits[byte & 15];
    return out;
}

/* Returns the byte that the two hexadecimal digits at DIGITS stand for, or -1 if they are no
 * digits.  DIGITS may be the end of a string; a caller without a NUL checks first that two bytes
 * are left. */
static inline int percent_byte(const char *digits)
{
    int high = percent_digit[(unsigned char)digits[0]];
    int low = high ? percent_digit[(unsigned char)digits[1]] : 0;
    return low ? (high - 1) << 4 | (low - 1) : -1;
}

/* Returns whether BYTE is an ASCII letter, an ASCII digit, "-", "." or "_".  Does not depend on the
 * locale, which perl sets when the program runs awstats.pl. */
bool percent_is_word(unsigned char byte);

/* Returns whether BYTE is an unreserved character (section 2.3): one of those above, or "~". */
bool percent_is_unreserved(unsigned char byte);

/* Adds TEXT, with "%XX" for each byte that IS_PLAIN does not accept. */
void percent_encode(struct buffer *out, const char *text, bool (*is_plain)(unsigned char byte));

#endif
