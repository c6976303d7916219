/* plugin/search/word_search: finds the same words as single searches for each word. */
#include <stdlib.h>

#include "tap.h"
#include "search/word_search.h"

enum { WORDS = 1500, WORD_ROOM = 32, TEXTS = 3000, TEXT_ROOM = 300, BITS = WORDS / 8 + 1 };

struct list {
    char word[WORDS][WORD_ROOM];
    size_t size[WORDS], words;
};

static size_t below(unsigned long long *random, size_t limit)
{
    return (size_t)(next_random(random) >> 16) % limit;
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool has(const char *text, size_t size, const char *word, size_t word_size)
{
    for (size_t at = 0; at + word_size <= size; at++) {
        size_t i = 0;
        while (i < word_size && lower(text[at + i]) == word[i])
            i++;
        if (i == word_size)
            return true;
    }
    return false;
}

/* The number of the last text that has each pair of letters.  Most words are not in a text, because the text does
 * not have their first pair; so most single searches can be left out. */
static unsigned pair_seen[1 << 16], texts_seen;

static unsigned *seen(const char *pair)
{
    return &pair_seen[(unsigned char)lower(pair[0]) | (unsigned char)lower(pair[1]) << 8];
}

static void see_pairs(const char *text, size_t size)
{
    texts_seen++;
    for (size_t at = 0; at + 1 < size; at++)
        *seen(text + at) = texts_seen;
}

static bool is_marked(const unsigned char *found, size_t number)
{
    return found[number / 8] >> number % 8 & 1;
}

/* Searches a copy of the text in memory of just its size.  Returns false when the found words are not the right
 * ones. */
static bool agrees(const struct word_search *search, const struct list *list, const char *text,
                   size_t size, size_t *marked)
{
    unsigned char found[BITS] = {0};
    char *copy = malloc(size ? size : 1);
    bool right = true;
    memcpy(copy, text, size);
    word_search_mark(search, copy, size, found);
    free(copy);
    see_pairs(text, size);
    for (size_t i = 0; i < list->words; i++) {
        bool is_there =
            *seen(list->word[i]) == texts_seen && has(text, size, list->word[i], list->size[i]);
        right = right && is_marked(found, i) == is_there;
        *marked += is_marked(found, i);
    }
    return right;
}

static void add(struct word_search *search, struct list *list, const char *word, size_t size)
{
    size_t number = list->words++;
    memcpy(list->word[number], word, size);
    list->size[number] = size;
    char *copy = malloc(size); /* the search must keep its own copy of the word */
    memcpy(copy, word, size);
    if (!word_search_add(search, copy, size, number))
        abort();
    free(copy);
}

static struct word_search *new_search(void)
{
    struct word_search *search = calloc(1, sizeof *search);
    if (!search)
        abort();
    return search;
}

static void free_search(struct word_search *search)
{
    word_search_free(search);
    free(search);
}

/* Words and texts of the same few bytes: LETTERS of them from FIRST. */
static void test_random(unsigned first, size_t letters, size_t words, const char *name)
{
    static struct list list;
    unsigned long long random = 2718281 + words;
    struct word_search *search = new_search();
    size_t wrong = 0, marked = 0;
    list.words = 0;
    while (list.words < words) {
        char word[WORD_ROOM];
        size_t size = WORD_SEARCH_MIN + below(&random, below(&random, 8) ? 5 : 25);
        for (size_t i = 0; i < size; i++)
            word[i] = lower((char)(first + below(&random, letters)));
        add(search, &list, word, size);
    }
    for (int i = 0; i < TEXTS; i++) {
        char text[TEXT_ROOM];
        size_t size = below(&random, TEXT_ROOM - WORD_ROOM);
        for (size_t c = 0; c < size; c++)
            text[c] = (char)(first + below(&random, letters));
        if (i % 2 && size > 0) {
            size_t number = below(&random, words), at = below(&random, size);
            memcpy(text + at, list.word[number], list.size[number]);
            size = i % 4 == 1 || at + list.size[number] > size ? at + list.size[number] : size;
            size -= i % 16 == 1; /* cuts its last byte off */
        }
        wrong += !agrees(search, &list, text, size, &marked);
    }
    ok(wrong == 0 && marked > 0, "%s: %zu words, found %zu times in %d texts, %zu texts wrong",
       name, words, marked, TEXTS, wrong);
    free_search(search);
}

static void test_edges(void)
{
    static struct list list;
    static const char *const words[] = {"bot",    "robot", "bo ", "bot", "otb", "botbot",
                                        "b\xe9t", "[[[",   "@@@", "{{{", "```", "aaa"};
    static const char *const texts[] = {
        "",     "b",      "bo",     "bot",   "BOT",          "xbot", "botx", "bo",
        "Robo", "ROBOT",  "bObOt",  "botbo", "xBotBOTb",     "{{{",  "[[[",  "@@@",
        "```",  "B\xc9T", "b\xe9t", "aa",    "aaaaaaaaaaaa", "otb",  "bo t", "bo tbot",
    };
    struct word_search *search = new_search();
    size_t marked = 0;
    list.words = 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        add(search, &list, words[i], strlen(words[i]));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ok(agrees(search, &list, texts[i], strlen(texts[i]), &marked), "in '%s'", texts[i]);
    ok(agrees(search, &list, "x\0bot\0y", 7, &marked), "between NULs");
    ok(marked > 20, "%zu words were found", marked);
    free_search(search);
}

static void test_marks(void)
{
    struct word_search *search = new_search();
    unsigned char found[3] = {0x80, 0x01, 0};
    word_search_mark(search, "robot", 5, found);
    ok(found[0] == 0x80 && found[1] == 0x01 && found[2] == 0, "without words, nothing is marked");
    if (!word_search_add(search, "robot", 5, 9) || !word_search_add(search, "bot", 3, 16) ||
        !word_search_add(search, "rob", 3, 9) || !word_search_add(search, "boot", 4, 0))
        abort();
    word_search_mark(search, "A Robot", 7, found);
    ok(found[0] == 0x80 && found[1] == 0x03 && found[2] == 0x01, "marks are added to others");
    free_search(search);
}

int main(void)
{
    test_edges();
    test_marks();
    test_random('a', 3, 200, "three letters");
    test_random('A', 26, WORDS, "letters");
    test_random(' ', 95, WORDS, "printable characters");
    test_random(0, 256, WORDS, "all bytes");
    return done_testing();
}
