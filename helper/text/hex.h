/* Bytes as hexadecimal digits. */
#ifndef TEXT_HEX_H
#define TEXT_HEX_H

#include <stddef.h>

/* Writes two lower-case digits for each of SIZE bytes, and a null byte. */
void hex_write(char *digits, const unsigned char *bytes, size_t size);

#endif
