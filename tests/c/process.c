/* The words of credential_process: as a shell, and Python's shlex, split them. */
#include "aws/process.h"

#include <stdlib.h>

#include "tap.h"
#include "text/buffer.h"

static void is_split(const char *command, const char *want)
{
    char **words = process_split(command);
    struct buffer got = {0};
    for (size_t i = 0; words && words[i]; i++)
        buffer_printf(&got, "<%s>", words[i]);
    is_text(got.data ? got.data : "(none)", got.data ? got.size : 6, want, command);
    process_free_words(words);
    buffer_free(&got);
}

int main(void)
{
    is_split("a", "<a>");
    is_split("  a\tb\n c ", "<a><b><c>");
    is_split("/opt/a 'b c' \"d e\"", "</opt/a><b c><d e>");
    is_split("a'b'\"c\"d", "<abcd>");
    is_split("a '' \"\"", "<a><><>");
    is_split("a\\ b \\'c \\\\d", "<a b><'c><\\d>");
    is_split("'a\\b' \"a\\b\" \"a\\\"b\" \"a\\\\b\"", "<a\\b><a\\b><a\"b><a\\b>");
    is_split("a;b $HOME `c` | d > e & # f", "<a;b><$HOME><`c`><|><d><>><e><&><#><f>");
    is_split("", "(none)");
    is_split(" \t", "(none)");
    is_split("a 'b", "(none)");
    is_split("a \"b\\\"", "(none)");
    is_split("a\\", "(none)");
    return done_testing();
}
