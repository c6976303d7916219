#include "text/nearest.h"

#include <ctype.h>
#include <string.h>

enum { WORD_MAX = 64 };

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

static int lower(char byte)
{
    return tolower((unsigned char)byte);
}

/* Returns the optimal string alignment distance of two texts of at most WORD_MAX bytes: the
 * Levenshtein distance, where swapping two neighbours is one step, too. */
static size_t count_steps(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_size; j++)
        last[j] = before[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            int x = lower(a[i - 1]), y = lower(b[j - 1]);
            row[j] = smallest(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b[j - 2]) && y == lower(a[i - 2]) &&
                before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        size_t *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[b_size];
}

void nearest_try(struct nearest *nearest, const char *name)
{
    size_t size = strlen(nearest->word), name_size = strlen(name);
    size_t limit = size < 4 ? 1 : size < 8 ? 2 : 3;
    if (size > WORD_MAX || name_size > WORD_MAX)
        return;
    size_t distance = count_steps(nearest->word, size, name, name_size);
    /* A name that replaces every byte of the word is not near. */
    if (distance > limit || distance >= size || distance >= name_size ||
        (nearest->name && distance >= nearest->distance))
        return;
    nearest->name = name;
    nearest->distance = distance;
}
