/* Letters, digits and white space of ASCII, whatever the locale. */
#ifndef NORMALIZED_ASCII_H
#define NORMALIZED_ASCII_H

#include <stdbool.h>

static inline bool ascii_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static inline bool ascii_is_letter(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static inline bool ascii_is_letter_or_digit(char byte)
{
    return ascii_is_letter(byte) || ascii_is_digit(byte);
}

static inline char ascii_to_lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

/* Whether a byte is a space or a TAB. */
static inline bool ascii_is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* Whether a byte is a space, a TAB, or in a line end. */
static inline bool ascii_is_white(char byte)
{
    return ascii_is_blank(byte) || byte == '\n' || byte == '\r';
}

#endif
