#include "text/percent.h"

const unsigned char percent_digit[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
    ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

bool percent_is_word(unsigned char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_';
}

bool percent_is_unreserved(unsigned char byte)
{
    return percent_is_word(byte) || byte == '~';
}

void percent_encode(struct buffer *out, const char *text, bool (*is_plain)(unsigned char byte))
{
    buffer_add(out, "", 0);
    while (*text) {
        size_t plain = 0;
        while (text[plain] && is_plain((unsigned char)text[plain]))
            plain++;
        buffer_add(out, text, plain);
        text += plain;
        if (*text) {
            char escape[3];
            percent_put(escape, (unsigned char)*text++);
            buffer_add(out, escape, sizeof escape);
        }
    }
}
