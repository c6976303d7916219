#include "text/plain.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_continuation(unsigned char byte)
{
    return byte >= 0x80 && byte < 0xc0;
}

/* Returns whether the three bytes at S are a character of U+200E, U+200F, U+202A to U+202E, or
 * U+2066 to U+2069. */
static bool is_direction(const unsigned char *s)
{
    if (s[0] != 0xe2)
        return false;
    if (s[1] == 0x80)
        return s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xaa && s[2] <= 0xae);
    return s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9;
}

size_t plain_size(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    if (*s < 0x80)
        return *s >= 0x20 && *s != 0x7f;
    size_t size = *s < 0xc2 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : *s < 0xf5 ? 4 : 0;
    for (size_t i = 1; i < size; i++)
        if (!is_continuation(s[i]))
            return 0;
    bool is_overlong = (*s == 0xe0 && s[1] < 0xa0) || (*s == 0xf0 && s[1] < 0x90);
    bool is_no_character = (*s == 0xed && s[1] >= 0xa0) || (*s == 0xf4 && s[1] >= 0x90);
    bool is_c1 = *s == 0xc2 && s[1] < 0xa0;
    bool is_letter_mark = *s == 0xd8 && s[1] == 0x9c; /* U+061C */
    return is_overlong || is_no_character || is_c1 || is_letter_mark ||
                   (size == 3 && is_direction(s))
               ? 0
               : size;
}

size_t plain_add_code(struct buffer *buffer, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    unsigned code = s[0];
    size_t size = 1;
    if (s[0] >= 0xc2 && s[0] < 0xe0 && is_continuation(s[1])) {
        code = (s[0] & 0x1fu) << 6 | (s[1] & 0x3fu);
        size = 2;
    } else if (s[0] >= 0xe1 && s[0] < 0xf0 && is_continuation(s[1]) && is_continuation(s[2])) {
        code = (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
        size = 3;
    }
    buffer_printf(buffer, "\\u%04x", code);
    return size;
}

void plain_add(struct buffer *buffer, const char *text, const char *escaped)
{
    const char *backslash = strchr(escaped, '\\') ? "\\\\" : "\\";
    for (const char *p = text; *p;) {
        size_t size = plain_size(p);
        if (!size) {
            buffer_printf(buffer, "%sx%02x", backslash, (unsigned char)*p++);
            continue;
        }
        if (strchr(escaped, *p))
            buffer_add_text(buffer, "\\");
        buffer_add(buffer, p, size);
        p += size;
    }
}

void plain_print(const char *text, const char *escaped)
{
    struct buffer plain = {0};
    plain_add(&plain, text, escaped);
    if (plain.size)
        fwrite(plain.data, 1, plain.size, stdout);
    buffer_free(&plain);
}
