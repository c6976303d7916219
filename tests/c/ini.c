/* INI files: every form of a line, line numbers, limits. */
#include "text/ini.h"

#include <stdlib.h>

#include "memory/allocate.h"
#include "tap.h"
#include "text/buffer.h"

static bool add_line(void *user, const struct ini_line *line)
{
    struct buffer *out = user;
    if (line->name)
        buffer_printf(out, "%u %s=%s|", line->line, line->name, line->value);
    else
        buffer_printf(out, "%u [%s]|", line->line, line->section);
    return strcmp(line->section, "end") != 0;
}

static void is_parsed(const char *text, size_t size, enum ini_result result, unsigned last,
                      const char *want, const char *name)
{
    struct buffer got = {0};
    unsigned line;
    char *copy = memory_copy_bytes(text, size); /* a sanitizer sees reads behind it */
    char *exact = memory_resize(copy, size ? size : 1, 1);
    enum ini_result found = ini_parse(exact, size, add_line, &got, &line);
    ok(found == result && line == last, "%s: result %d, line %u", name, (int)found, line);
    is_text(got.data ? got.data : "", got.size, want, name);
    free(exact);
    buffer_free(&got);
}

#define PARSED(text, want, last, name) is_parsed(text, sizeof text - 1, INI_DONE, last, want, name)
#define REFUSED(text, want, last, name)                                                            \
    is_parsed(text, sizeof text - 1, INI_MALFORMED, last, want, name)

static void test_lines(void)
{
    PARSED("", "", 0, "nothing");
    PARSED("\n\r\n \t\n;c\n # c\n", "", 5, "blank lines and comments");
    PARSED("[a]\nb=c\n", "1 [a]|2 b=c|", 2, "plain");
    PARSED("[ a b ] ; c\r\n b : c d \r\n", "1 [a b]|2 b=c d|", 2, "white space, CR LF");
    PARSED("[a] # c\nb = c", "1 [a]|2 b=c|", 2, "no end of the last line");
    PARSED("\xef\xbb\xbf[a]", "1 [a]|", 1, "a byte order mark");
    PARSED("a=b;c ;d\n", "1 a=b;c|", 1, "a comment needs white space before it");
    PARSED("a=b #c\n", "1 a=b #c|", 1, "# begins no comment behind a value");
    PARSED("a=\nb==\nc=:\n", "1 a=|2 b==|3 c=:|", 3, "values that are empty or separators");
    PARSED("a==b=c:d\n", "1 a==b=c:d|", 1, "only the first separator counts");
    REFUSED("[a]\n\nb\n", "1 [a]|", 3, "no separator");
    REFUSED("=b", "", 1, "no name");
    REFUSED("[]\n", "", 1, "no section's name");
    REFUSED("[a\nb=c\n", "", 1, "a header without an end");
    REFUSED("[a] b\n", "", 1, "something behind a header");
    REFUSED("a=b\nc=\0d\n", "1 a=b|", 2, "a NUL");
    REFUSED("a ;=b\n", "", 1, "a separator in a comment");
    is_parsed("[end]\na=b\n", 10, INI_ENDED, 1, "1 [end]|", "the visitor ends the reading");
}

static void test_long_lines(void)
{
    enum { LIMIT = 64 * 1024 };
    char *text = memory_allocate(LIMIT + 2, 1);
    struct buffer want = {0};
    memset(text, 'x', LIMIT + 1);
    text[60] = '='; /* a name longer than other readers take */
    buffer_printf(&want, "1 %.*s=%.*s|", 60, text, LIMIT - 61, text + 61);
    is_parsed(text, LIMIT, INI_DONE, 1, want.data, "a line of 64 KiB");
    is_parsed(text, LIMIT + 1, INI_TOO_LONG, 1, "", "a longer one");
    text[LIMIT - 1] = '\0';
    is_parsed(text, LIMIT + 1, INI_MALFORMED, 1, "", "a longer one with a NUL");
    buffer_free(&want);
    free(text);
}

int main(void)
{
    test_lines();
    test_long_lines();
    return done_testing();
}
