#include "text/shell_word.h"

#include <string.h>

void shell_word_add(struct buffer *line, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./:@%+=,";
    if (*word && !word[strspn(word, plain)]) {
        buffer_add_text(line, word);
        return;
    }
    buffer_add_text(line, "'");
    for (; *word; word++)
        if (*word == '\'')
            buffer_add_text(line, "'\\''");
        else
            buffer_add(line, word, 1);
    buffer_add_text(line, "'");
}

char *shell_word(const char *word)
{
    struct buffer text = {0};
    shell_word_add(&text, word);
    return text.data;
}
