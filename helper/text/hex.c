#include "text/hex.h"

void hex_write(char *digits, const unsigned char *bytes, size_t size)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        *digits++ = digit[bytes[i] >> 4];
        *digits++ = digit[bytes[i] & 15];
    }
    *digits = '\0';
}

/* Returns the value of a lower-case digit; -1 for any other character. */
static int value_of(char digit)
{
    return digit >= '0' && digit <= '9'   ? digit - '0'
           : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                                          : -1;
}

bool hex_read(unsigned char *bytes, size_t size, const char *digits)
{
    for (size_t i = 0; i < size; i++, digits += 2) {
        int high = value_of(digits[0]), low = high < 0 ? -1 : value_of(digits[1]);
        if (low < 0)
            return false;
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}
