/* Fuzzes the search for the word that a pattern asks for, with PCRE2 in Perl's place: a text that
 * the pattern matches has the word.  The first half of the input is the pattern; the second says
 * which texts are tried, texts that are made after the pattern. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "search/required_word.h"

enum { PATTERN_MAX = 200, TEXT_MAX = 4 * PATTERN_MAX };

/* Goes through the pattern and writes a text that it may match: leaves out what may be missing,
 * repeats it, takes any member of a class.  CHOICES: bytes that decide. */
static size_t write_text(char *text, const char *pattern, size_t size, const uint8_t *choices,
                         size_t count)
{
    size_t len = 0, before = 0;

    for (size_t i = 0; i < size && len < TEXT_MAX - 8; i++) {
        uint8_t choice = count ? choices[i % count] : 0;
        char c = pattern[i];
        if (strchr("?*", c) && c) {
            if (choice & 1)
                len = before;
        } else if (c == '{' || c == '}' || c == '(' || c == ')' || c == '^' || c == '$') {
            before = len;
            if (c == '{' && (choice & 1)) {
                while (i + 1 < size && pattern[i] != '}')
                    i++;
            }
        } else if (c == '[') {
            size_t end = i + 1;
            while (end < size && pattern[end] != ']')
                end++;
            before = len;
            text[len++] = end > i + 1 ? pattern[i + 1 + choice % (end - i - 1)] : 'x';
            i = end;
        } else if (c == '\\' && i + 1 < size) {
            c = pattern[++i];
            before = len;
            text[len++] = c == 'd' ? '0' : c == 's' ? ' ' : c == 'w' ? 'a' : c;
        } else if (c == '.') {
            before = len;
            text[len++] = (char)(choice ? choice : 'x');
        } else if (c != '+') {
            before = len;
            text[len++] = choice & 2 ? (char)toupper((unsigned char)c) : c;
        }
    }
    return len;
}

static bool has_word(const char *text, size_t size, const char *word, size_t len)
{
    for (size_t at = 0; at + len <= size; at++) {
        size_t i = 0;
        while (i < len && tolower((unsigned char)text[at + i]) == (unsigned char)word[i])
            i++;
        if (i == len)
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t pattern_size = size / 2 < PATTERN_MAX ? size / 2 : PATTERN_MAX, len;
    char *pattern = malloc(pattern_size + 1), *word = malloc(pattern_size + 1), text[TEXT_MAX];
    pcre2_code *code;
    int error;
    PCRE2_SIZE offset;

    memcpy(pattern, data, pattern_size);
    code = pcre2_compile(data, pattern_size, PCRE2_CASELESS, &error, &offset, NULL);
    len = required_word(pattern, pattern_size, word);
    if (len > pattern_size)
        abort();
    if (code && len) {
        const uint8_t *choices = data + pattern_size;
        size_t count = size - pattern_size;
        pcre2_match_data *match = pcre2_match_data_create(1, NULL);
        pcre2_match_context *context = pcre2_match_context_create(NULL);
        pcre2_set_match_limit(context, 10000);
        for (size_t shift = 0; shift < 8 && shift <= count; shift++) {
            size_t text_size =
                write_text(text, pattern, pattern_size, choices + shift, count - shift);
            if (pcre2_match(code, (PCRE2_SPTR)text, text_size, 0, 0, match, context) >= 0 &&
                !has_word(text, text_size, word, len))
                abort();
        }
        if (pcre2_match(code, choices, count, 0, 0, match, context) >= 0 &&
            !has_word((const char *)choices, count, word, len))
            abort();
        pcre2_match_context_free(context);
        pcre2_match_data_free(match);
    }
    pcre2_code_free(code);
    free(pattern);
    free(word);
    return 0;
}
