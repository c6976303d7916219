#include "search/word_search.h"

#include <stdlib.h>
#include <string.h>

struct searched_word {
    size_t number;
    size_t text, size; /* in search->text */
    size_t triple;     /* the place in the word of the three bytes by which it is found */
    uint32_t next;     /* the next word with the same three bytes, from 1; 0: none */
};

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Returns the number of three bytes.  BEFORE is the number of the three bytes that begin one byte earlier, C the
 * last byte.  Different triples may have the same number. */
static size_t triple_of(size_t before, unsigned char c)
{
    return (before << 4 ^ c) % WORD_SEARCH_TRIPLES;
}

/* Returns the number of the word's triple that the fewest words have so far.  Stores the triple's place. */
static size_t rarest_triple(const struct word_search *search, const char *word, size_t size,
                            size_t *begin)
{
    size_t rarest = 0, triple = 0;
    uint32_t fewest = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        triple = triple_of(triple, (unsigned char)word[i]);
        if (i >= 2 && search->count[triple] < fewest) {
            fewest = search->count[triple];
            rarest = triple;
            *begin = i - 2;
        }
    }
    return rarest;
}

/* Returns memory for at least COUNT items of SIZE bytes, and twice as many if it must grow; NULL if memory runs
 * out. */
static void *grown(void *memory, size_t *max, size_t count, size_t size)
{
    if (count <= *max)
        return memory;
    void *larger = realloc(memory, count * 2 * size);
    if (larger)
        *max = count * 2;
    return larger;
}

bool word_search_add(struct word_search *search, const char *word, size_t size, size_t number)
{
    struct searched_word *words =
        grown(search->word, &search->words_max, search->words + 1, sizeof *words);
    if (!words)
        return false;
    search->word = words;
    char *text = grown(search->text, &search->text_max, search->text_size + size, 1);
    if (!text)
        return false;
    search->text = text;
    size_t begin = 0, triple = rarest_triple(search, word, size, &begin);
    memcpy(text + search->text_size, word, size);
    words[search->words] =
        (struct searched_word){number, search->text_size, size, begin, search->first[triple]};
    search->text_size += size;
    search->first[triple] = (uint32_t)++search->words;
    search->count[triple]++;
    return true;
}

static bool begins_with(const char *text, const char *word, size_t size)
{
    size_t i = 0;
    while (i < size && lower(text[i]) == (unsigned char)word[i])
        i++;
    return i == size;
}

void word_search_mark(const struct word_search *search, const char *text, size_t size,
                      unsigned char *found)
{
    size_t triple = 0;
    for (size_t end = 1; end <= size; end++) {
        triple = triple_of(triple, lower(text[end - 1]));
        uint32_t next = end >= 3 ? search->first[triple] : 0;
        while (next) {
            const struct searched_word *word = &search->word[next - 1];
            size_t begin = end - 3 - word->triple; /* where the word would begin in the text */
            if (end - 3 >= word->triple && size - begin >= word->size &&
                begins_with(text + begin, search->text + word->text, word->size))
                found[word->number / 8] |= (unsigned char)(1U << word->number % 8);
            next = word->next;
        }
    }
}

void word_search_free(struct word_search *search)
{
    free(search->word);
    free(search->text);
}
