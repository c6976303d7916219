/* plugin/search/required_word: the word that each text has which a pattern matches.  tests/53_search_list.t tests
 * patterns that Perl has compiled. */
#include <stdlib.h>

#include "search/required_word.h"
#include "tap.h"

/* Whether the pattern requires WORD.  Copies the pattern to memory of just its size, so sanitizers see reads and
 * writes beyond it. */
static bool has_word(const char *pattern, size_t size, const char *word)
{
    char *copy = malloc(size ? size : 1), *room = malloc(size ? size : 1);
    memcpy(copy, pattern, size);
    size_t found = required_word(copy, size, room);
    bool right = found == strlen(word) && memcmp(room, word, found) == 0;
    if (!right)
        printf("# found: %.*s\n", (int)found, room);
    free(copy);
    free(room);
    return right;
}

static void test_words(void)
{
    static const char *const words[][2] = {
        /* pattern, word */
        {"", ""},
        {"k", "k"},
        {"Googlebot", "googlebot"},
        {"AZaz@[`{", ""}, /* a class without an end */
        {"@Z`a", "@z`a"},
        {"a b_c/d-e:f,g;h=i!j<k>l%m&n~o\"p'q#r", "a b_c/d-e:f,g;h=i!j<k>l%m&n~o\"p'q#r"},

        /* characters behind a backslash */
        {"t\\-info", "t-info"},
        {"r6\\_", "r6_"},
        {"a\\ b\\.c\\/d\\\\e", "a b.c/d\\e"},
        {"\\^\\$\\|\\(\\)\\[\\]\\{\\}\\*\\+\\?", "^$|()[]{}*+?"},
        {"\\\\", "\\"},
        {"foo\\", ""},
        {"foo\\\\\\", ""},
        {"foo\\\n", ""},
        {"foo\\\xe9", ""},

        /* sets of characters, places */
        {"ab\\scde\\wf", "cde"},
        {"ab\\dcde", "cde"},
        {"\\Dab\\Scd\\Wefg", "efg"},
        {"\\bfoo\\B", "foo"},
        {"\\Afoo\\z", "foo"},
        {"foo\\Zba", "foo"},
        {"^foo$", "foo"},
        {"gnu.kfreebsd", "kfreebsd"},
        {"a.b.c", "a"},
        {"foo\nbar2", "bar2"},
        {"foo\tba", "foo"},
        {"foo\x7f"
         "bar2",
         "bar2"},
        {"foo\xe9"
         "bar2",
         "bar2"},

        /* optional and repeated characters */
        {"foo?", "fo"},
        {"foo*bar", "bar"},
        {"foo+", "foo"},
        {"foo+o", "foo"},
        {"fo+bar", "bar"},
        {"foo??bar", "bar"},
        {"foo*?", "fo"},
        {"foo+?ba", "foo"},
        {"foo++ba", "foo"},
        {"foo?+ba", "fo"},
        {"foo{0}", "fo"},
        {"foo{2}bar", "bar"},
        {"foo{0,3}", "fo"},
        {"foo{,3}", "fo"},
        {"foo{ 0, 3 }", "fo"},
        {"foo{0}?bar", "bar"},
        {"foo{0}+", "fo"},
        {"foo{", ""},
        {"foo{0", ""},
        {"foo{bar}", ""},
        {"foo\\{0}", "foo{0"},
        {"a?", ""},
        {"a*b?c{0}", ""},
        {"ab\\.?", "ab"},
        {"ab\\\\?", "ab"},
        {"foo\\s?bar2", "bar2"},
        {"foo]?", "foo"},
        {"foo}?", "foo"},
        {"?foo", "foo"},
        {"{0}foo", "foo"},

        /* classes */
        {"Yahoo![\\x20]Slurp", "yahoo! slurp"},
        {"a[\\x20]", "a "},
        {"a[\\x20]?", "a"},
        {"foo[\\x20", ""},
        {"foo[\\x20x]bar2", ""},
        {"foo[\\x21]bar2", ""},
        {"windows[_+ ]nt[_+ ]6\\.0", "windows"},
        {"bot[\\s_+:,\\.\\;\\/\\\\-]", "bot"},
        {"calif[^r]", "calif"},
        {"[^a]fish", "fish"},
        {"[]abcd]fo", "fo"},
        {"[^]abcd]fo", "fo"},
        {"[abcd\\]efgh]fo", "fo"},
        {"[\\\\]foo", "foo"},
        {"[|(]fo", "fo"},
        {"[abc]?fo", "fo"},
        {"ernst[:blank:]2\\.0", "ernst"},
        {"[[:alpha:]]foo", ""},
        {"[[]foo", ""},
        {"[\\c]abc]fo", ""},
        {"foo[a", ""},
        {"foo[", ""},
        {"foo[^", ""},
        {"foo[]", ""},
        {"foo[\\", ""},

        /* alternatives and groups */
        {"foo|bar", ""},
        {"|foo", ""},
        {"foo|", ""},
        {"foo\\|bar", "foo|bar"},
        {"^(www\\.|)yandex\\.ru$", "yandex.ru"},
        {"win(.*)98", "win"},
        {"(foo)", ""},
        {"ab(cdef)?", "ab"},
        {"ab(cdef){0}gh", "ab"},
        {"a(b(c)d(e|f))gh", "gh"},
        {"a(\\)bcd)ef", "ef"},
        {"a([)]bcd)ef", "ef"},
        {"a(\\\\)bcd", "bcd"},
        {"a([(\\]]bcd)ef", "ef"},
        {"a(?:bcd)ef", "ef"},
        {"a(?>bcd)ef", "ef"},
        {"ab(?=bcd)", "ab"},
        {"ab(?!bcd)", "ab"},
        {"(?<=bcd)ab", "ab"},
        {"(?<!bcd)ab", "ab"},
        {"()ab", "ab"},
        {"(", ""},
        {"(ab", ""},
        {"ab(cd(e)", ""},
        {"ab)", ""},
        {"ab(", ""},
        {"ab(?", ""},
        {"ab(\\", ""},
        {"ab([", ""},
        {"ab(\\c)cd)", ""},

        /* options of the pattern, and other special groups */
        {"(?i)foo", ""},
        {"(?x) f o o", ""},
        {"foo(?-i)BAR", ""},
        {"foo(?x:b a)r", ""},
        {"((?x)foo # )\n)bar", ""},
        {"(?^:foo)bar", ""},
        {"foo(?#)bar", ""},
        {"foo(?#(?#)bar", ""},
        {"(a)(?1)foo", ""},
        {"(?<n>a)foo", ""},
        {"(?<n>a)\\k<n>foo", ""},
        {"(?'n'a)foo", ""},
        {"(?P<n>a)foo", ""},
        {"(?|(a)|(b))foo", ""},
        {"(a)?(?(1)b|c)foo", ""},
        {"(?{1})foo", ""},
        {"(?"
         "?{1})foo",
         ""},
        {"(?[ [a] ])foo", ""},
        {"a(*ACCEPT)foo", ""},
        {"(a(*ACCEPT))foo", ""},
        {"foo(*FAIL)", ""},
        {"\\Qa.b\\Efoo", ""},
        {"\\x66oo", ""},
        {"foo\\x{6f}", ""},
        {"\\146oo", ""},
        {"(a)\\1foo", ""},
        {"(a)\\g1foo", ""},
        {"(a)\\g{1}foo", ""},
        {"foo\\cA", ""},
        {"foo\\c(", ""},
        {"foo\\tbar", ""},
        {"foo\\N{U+212a}", ""},
        {"foo\\p{L}", ""},
        {"foo\\PL", ""},
        {"foo\\K", ""},
        {"foo\\Gbar", ""},
        {"foo\\Rbar", ""},
        {"foo\\hbar", ""},
        {"foo\\b{wb}", ""},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const char *pattern = words[i][0], *word = words[i][1];
        ok(has_word(pattern, strlen(pattern), word), "%s: %s", pattern, *word ? word : "none");
    }
}

static void test_bytes(void)
{
    ok(has_word("foo\0bar2", 8, "bar2"), "a NUL ends a word");
    ok(has_word("foo\\\0", 5, ""), "a NUL behind a backslash");
    ok(has_word("foobar", 3, "foo"), "a pattern ends after its given size");
    ok(has_word("foo[\\x20]", 8, ""), "a space is cut off");
    ok(has_word("foo(?:a)", 6, ""), "a group is cut off");
}

/* Patterns of random pieces: the function must not read beyond the pattern, which sanitizers see.  The word is
 * never longer than the pattern. */
static void test_random(void)
{
    static const char *const pieces[] = {
        "a", "B", " ",   "\\", "[",   "]",   "^", "(",   ")",   "?",       "*",     "+", "{",
        "}", "2", "\\s", "|",  "(?:", "(?!", ":", "\\c", "\\.", "[\\x20]", "\\x20", ".", "\xff",
    };
    unsigned long long random = 16180339;
    size_t with_word = 0, wrong = 0;
    for (int i = 0; i < 200000; i++) {
        char pattern[64], room[64];
        size_t size = 0, count = (size_t)(next_random(&random) >> 20) % 9;
        while (count-- > 0) {
            const char *piece =
                pieces[(next_random(&random) >> 20) % (sizeof pieces / sizeof pieces[0])];
            memcpy(pattern + size, piece, strlen(piece));
            size += strlen(piece);
        }
        char *copy = malloc(size ? size : 1);
        memcpy(copy, pattern, size);
        size_t found = required_word(copy, size, room);
        free(copy);
        with_word += found > 0;
        wrong += found > size;
        for (size_t c = 0; c < found; c++)
            wrong += room[c] < ' ' || room[c] > '~' || (room[c] >= 'A' && room[c] <= 'Z');
    }
    ok(wrong == 0 && with_word > 1000, "random patterns: %zu have a word", with_word);
}

int main(void)
{
    test_words();
    test_bytes();
    test_random();
    return done_testing();
}
