#include "search/required_word.h"

#include <stdbool.h>
#include <string.h>

#include "normalized/ascii.h"

/* TEXT has the longest word found so far, and behind it the word that is being read. */
struct words {
    char *text;
    size_t longest, current; /* their lengths */
};

static bool is_printable(char c)
{
    return c >= ' ' && c <= '~';
}

static void take(struct words *words, char c)
{
    bool upper = c >= 'A' && c <= 'Z';
    words->text[words->longest + words->current++] = (char)(upper ? c - 'A' + 'a' : c);
}

static void end_word(struct words *words)
{
    if (words->current > words->longest) {
        memmove(words->text, words->text + words->longest, words->current);
        words->longest = words->current;
    }
    words->current = 0;
}

static void drop_last(struct words *words)
{
    if (words->current > 0)
        words->current--;
    end_word(words);
}

/* Each of the following functions returns the end of one construct that begins at AT; NULL if the construct is
 * not supported. */

static const char *pass_escape(const char *at, const char *end)
{
    if (end - at < 2 || !is_printable(at[1]))
        return NULL;
    bool known = !ascii_is_letter(at[1]) && !ascii_is_digit(at[1]);
    return known || strchr("ABDSWZbdswz", at[1]) ? at + 2 : NULL;
}

static const char *pass_class(const char *at, const char *end)
{
    at++;
    if (at < end && *at == '^')
        at++;
    if (at < end && *at == ']')
        at++;
    while (at && at < end && *at != ']' && *at != '[')
        at = *at == '\\' ? pass_escape(at, end) : at + 1;
    return at && at < end && *at == ']' ? at + 1 : NULL;
}

static const char *pass_opening(const char *at, const char *end)
{
    static const char *const known[] = {"(?:", "(?>", "(?=", "(?!", "(?<=", "(?<!"};
    size_t left = (size_t)(end - at);
    if (left < 2 || (at[1] != '?' && at[1] != '*'))
        return at + 1;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t size = strlen(known[i]);
        if (left >= size && memcmp(at, known[i], size) == 0)
            return at + size;
    }
    return NULL;
}

static const char *pass_group(const char *at, const char *end)
{
    size_t depth = 0;
    do {
        if (*at == '(') {
            depth++;
            at = pass_opening(at, end);
        } else if (*at == ')') {
            depth--;
            at++;
        } else if (*at == '[') {
            at = pass_class(at, end);
        } else {
            at = *at == '\\' ? pass_escape(at, end) : at + 1;
        }
    } while (at && at < end && depth > 0);
    return depth == 0 ? at : NULL;
}

static const char *pass_count(const char *at, const char *end)
{
    for (at++; at < end && *at != '}'; at++) {
        if (!ascii_is_digit(*at) && *at != ',' && *at != ' ')
            return NULL;
    }
    return at < end ? at + 1 : NULL;
}

static const char *read_escape(struct words *words, const char *at, const char *end)
{
    const char *next = pass_escape(at, end);
    if (next && ascii_is_letter(at[1]))
        end_word(words);
    else if (next)
        take(words, at[1]);
    return next;
}

static const char *read_class(struct words *words, const char *at, const char *end)
{
    static const char space[] = "[\\x20]"; /* AWStats' lists write a space like this */
    size_t size = sizeof space - 1;
    if ((size_t)(end - at) >= size && memcmp(at, space, size) == 0) {
        take(words, ' ');
        return at + size;
    }
    end_word(words);
    return pass_class(at, end);
}

static const char *read_next(struct words *words, const char *at, const char *end)
{
    switch (*at) {
    case '|':
    case ')':
        return NULL;
    case '\\':
        return read_escape(words, at, end);
    case '[':
        return read_class(words, at, end);
    case '(':
        end_word(words);
        return pass_group(at, end);
    case '{':
        drop_last(words);
        return pass_count(at, end);
    case '?':
    case '*':
        drop_last(words);
        return at + 1;
    case '+':
    case '.':
    case '^':
    case '$':
    case ']':
    case '}':
        end_word(words);
        return at + 1;
    default:
        if (is_printable(*at))
            take(words, *at);
        else
            end_word(words);
        return at + 1;
    }
}

size_t required_word(const char *pattern, size_t size, char *word)
{
    struct words words = {word, 0, 0};
    const char *at = pattern, *const end = pattern + size;
    while (at && at < end)
        at = read_next(&words, at, end);
    end_word(&words);
    return at ? words.longest : 0;
}
