/* Percent-encoding: every byte encoded and decoded, and texts that are not escapes. */
#include "text/percent.h"

#include "tap.h"

static bool is_letter(unsigned char byte)
{
    return byte >= 'a' && byte <= 'z';
}

int main(void)
{
    unsigned same = 0;
    for (int byte = 0; byte < 256; byte++) {
        char escape[4] = "";
        same += percent_put(escape, (unsigned char)byte) == escape + 3 && *escape == '%' &&
                percent_byte(escape + 1) == byte;
    }
    ok(same == 256, "bytes that come back: %u", same);
    ok(percent_byte("aF") == 0xaf, "digits in both cases");

    static const char *const none[] = {"", "4", "g0", "0g", "/0", ":0", "@0", "`0", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ok(percent_byte(none[i]) == -1, "\"%s\" is no escape", none[i]);

    static const char words[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
    same = 0;
    for (int byte = 0; byte < 256; byte++)
        same += percent_is_word((unsigned char)byte) == (byte && strchr(words, byte));
    ok(same == 256, "bytes of a word: %u as expected", same);

    struct buffer out = {0};
    percent_encode(&out, "", is_letter);
    is_text(out.data, out.size, "", "nothing to encode");
    percent_encode(&out, "ab/%c\xff", is_letter);
    is_text(out.data, out.size, "ab%2F%25c%FF", "all but what is plain is encoded");
    buffer_free(&out);
    return done_testing();
}
