#include "text/plain.h"

#include <stdbool.h>
#include <string.h>

static bool is_continuation(unsigned char byte)
{
    return byte >= 0x80 && byte < 0xc0;
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
    return is_overlong || is_no_character || is_c1 ? 0 : size;
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
