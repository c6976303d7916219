/* Which batch each history file of AWStats has counted last. */
#include <stdlib.h>
#include <string.h>

#include "ledger/internal.h"
#include "memory/allocate.h"
#include "text/buffer.h"

enum { FILES_MAX = 400 }; /* the newest ones: of months 33 years, of days a year */

/* A word of a list. */
struct word {
    const char *text;
    size_t size;
};

/* Takes the next word of the list. */
static bool next(const char **list, struct word *word)
{
    *list += strspn(*list, " ");
    *word = (struct word){*list, strcspn(*list, " ")};
    *list += word->size;
    return word->size > 0;
}

/* Orders two words by their periods, which end at a "=" or with the word. */
static int compare(const void *a, const void *b)
{
    const struct word *x = a, *y = b;
    const char *x_end = memchr(x->text, '=', x->size), *y_end = memchr(y->text, '=', y->size);
    size_t x_size = x_end ? (size_t)(x_end - x->text) : x->size;
    size_t y_size = y_end ? (size_t)(y_end - y->text) : y->size;
    int order = memcmp(x->text, y->text, x_size < y_size ? x_size : y_size);
    return order ? order : (x_size > y_size) - (x_size < y_size);
}

/* Adds the words of LIST. */
static struct word *add_words(struct word *words, size_t *count, size_t *capacity, const char *list)
{
    struct word word;
    while (next(&list, &word)) {
        words = array_grow(words, *count, capacity, sizeof *words);
        words[(*count)++] = word;
    }
    return words;
}

/* Writes the FILES_MAX newest periods of the sorted words.  A period without "=" belongs to the batch that is
 * committed now, so ID replaces the older ID of this period. */
static void write_newest(struct buffer *out, const struct word *words, size_t count, const char *id)
{
    size_t files = 0;
    for (size_t i = 0; i < count; i++)
        files += i + 1 == count || compare(&words[i], &words[i + 1]) != 0;
    for (size_t i = 0, end; i < count; i = end) {
        bool is_new = false;
        for (end = i; end < count && !compare(&words[i], &words[end]); end++)
            is_new |= !memchr(words[end].text, '=', words[end].size);
        if (files-- > FILES_MAX)
            continue;
        size_t size = words[i].size;
        const char *equals = memchr(words[i].text, '=', size);
        if (is_new && equals)
            size = (size_t)(equals - words[i].text);
        buffer_printf(out, "%s%.*s", out->size ? " " : "", (int)size, words[i].text);
        if (is_new)
            buffer_printf(out, "=%s", id);
    }
}

bool files_commit(struct ledger *ledger, const char *periods, const char *id)
{
    char *before;
    struct word *words = NULL;
    struct buffer list = {0};
    size_t count = 0, capacity = 0;
    if (!periods || !*periods)
        return true;
    if (!state_get_text(ledger, STATE_FILES, &before))
        return false;
    words = add_words(words, &count, &capacity, before ? before : "");
    words = add_words(words, &count, &capacity, periods);
    if (count)
        qsort(words, count, sizeof *words, compare);
    write_newest(&list, words, count, id);
    bool done = !list.size || state_set_text(ledger, STATE_FILES, list.data);
    buffer_free(&list);
    free(words);
    free(before);
    return done;
}

bool ledger_get_files(struct ledger *ledger, char **list)
{
    return state_get_text(ledger, STATE_FILES, list);
}

bool ledger_forget_files(struct ledger *ledger)
{
    return state_remove(ledger, STATE_FILES);
}
