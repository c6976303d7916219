/* text/plain: which characters are printed unchanged, and which as escapes. */
#include "text/plain.h"

#include "tap.h"

static void shows(const char *text, const char *escaped, const char *want)
{
    struct buffer got = {0};
    plain_add(&got, text, escaped);
    is_text(got.data, got.size, want, want);
    buffer_free(&got);
}

int main(void)
{
    static const char *const hidden[] = {"\x01",
                                         "\x1b",
                                         "\x7f",
                                         "\xc2\x80",
                                         "\xc2\x9f",
                                         "\xd8\x9c",
                                         "\xe2\x80\x8e",
                                         "\xe2\x80\x8f",
                                         "\xe2\x80\xaa",
                                         "\xe2\x80\xae",
                                         "\xe2\x81\xa6",
                                         "\xe2\x81\xa9",
                                         "\xff",
                                         "\xc3",
                                         "\xc0\xaf",
                                         "\xed\xa0\x80",
                                         "\xf4\x90\x80\x80"};
    static const char *const shown[] = {"a",
                                        "\xc2\xa0",
                                        "\xc3\xa9",
                                        "\xd8\x9b",
                                        "\xd8\x9d",
                                        "\xe2\x80\x90",
                                        "\xe2\x80\xaf",
                                        "\xe2\x81\xa5",
                                        "\xe2\x81\xaa",
                                        "\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        ok(plain_size(hidden[i]) == 0, "hidden %zu", i);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        ok(plain_size(shown[i]) == strlen(shown[i]), "shown %zu", i);
    shows("a\"b\\", "\"\\", "a\\\"b\\\\");
    shows("gpj\xe2\x80\xae.x", "", "gpj\\xe2\\x80\\xae.x");
    shows("\x1b[2J", "\"\\", "\\\\x1b[2J");

    struct buffer code = {0};
    ok(plain_add_code(&code, "\xe2\x80\xaex") == 3 && plain_add_code(&code, "\xc2\x85") == 2 &&
           plain_add_code(&code, "\x1b") == 1 && plain_add_code(&code, "\xff") == 1,
       "the sizes of characters");
    is_text(code.data, code.size, "\\u202e\\u0085\\u001b\\u00ff", "their codes");
    buffer_free(&code);
    return done_testing();
}
