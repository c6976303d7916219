/* Finds which of many words a text has, in one pass.  Pure C. */
#ifndef PLUGIN_SEARCH_WORD_SEARCH_H
#define PLUGIN_SEARCH_WORD_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORD_SEARCH_MIN = 3, WORD_SEARCH_TRIPLES = 1 << 12 };

struct searched_word;

/* Zero at first.  A word is compared where a text has three neighbouring bytes of the word: those
 * that lead to the fewest other words. */
struct word_search {
    struct searched_word *word;
    char *text; /* of all words */
    size_t words, words_max, text_size, text_max;
    uint32_t first[WORD_SEARCH_TRIPLES]; /* word that three bytes lead to, from 1; 0: none */
    uint32_t count[WORD_SEARCH_TRIPLES]; /* words that they lead to */
};

/* Adds a word of at least WORD_SEARCH_MIN bytes, whose ASCII letters are lower case.  False if
 * memory runs out. */
bool word_search_add(struct word_search *search, const char *word, size_t size, size_t number);

/* Sets bit NUMBER % 8 of byte NUMBER / 8 of FOUND for each word that is in TEXT, whose ASCII
 * letters may be of either case. */
void word_search_mark(const struct word_search *search, const char *text, size_t size,
                      unsigned char *found);

void word_search_free(struct word_search *search);

#endif
