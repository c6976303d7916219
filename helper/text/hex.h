/* Bytes as hexadecimal digits. */
#ifndef TEXT_HEX_H
#define TEXT_HEX_H

#include <stdbool.h>
#include <stddef.h>

/* Writes two lower-case digits for each of SIZE bytes, and a NUL. */
void hex_write(char *digits, const unsigned char *bytes, size_t size);

/* Reads SIZE bytes from as many pairs of digits, as hex_write() writes them.  Returns false at the
 * first character that is no lower-case digit, and reads none behind it. */
bool hex_read(unsigned char *bytes, size_t size, const char *digits);

#endif
