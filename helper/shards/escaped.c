#include "shards/escaped.h"

#include <stdlib.h>
#include <string.h>

#include "text/percent.h"

static bool is_plain(unsigned char byte)
{
    return byte > ' ' && byte != '%' && byte != 0x7f;
}

void escaped_add(struct buffer *out, const char *text)
{
    if (!*text)
        buffer_add_text(out, "-");
    else if (!strcmp(text, "-"))
        buffer_add_text(out, "%2D");
    else
        percent_encode(out, text, is_plain);
}

char *escaped_take(char **text)
{
    char *word = *text, *end = word + strcspn(word, " \n"), *out = word;
    *text = *end ? end + 1 : end;
    *end = '\0';
    if (!strcmp(word, "-"))
        *word = '\0';
    for (const char *in = word; *in; in++) {
        int byte = *in == '%' ? percent_byte(in + 1) : -1;
        *out++ = byte > 0 ? (char)byte : *in;
        in += byte > 0 ? 2 : 0;
    }
    *out = '\0';
    return word;
}

uint64_t escaped_take_number(char **text)
{
    return strtoull(escaped_take(text), NULL, 10);
}
