#include "historyfile/first.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"

struct entry {
    uint64_t number; /* the number that sorts the rows; BY_KEY: the size of the key */
    char *text;
    size_t size, key_size;
    uint64_t line; /* its number */
};

/* A heap.  The row at its top is the one that comes last. */
struct history_first {
    const struct history_section *section;
    struct entry *entries;
    size_t count, capacity, most;
    char *out;       /* the text that history_first_next() has returned last */
    bool is_sorted;  /* the entries are sorted, and no longer a heap */
    size_t returned; /* how many entries history_first_next() has returned */
};

struct history_first *history_first_new(const struct history_section *section, size_t count)
{
    struct history_first *first = memory_allocate(1, sizeof *first);
    first->section = section;
    first->most = count;
    return first;
}

void history_first_free(struct history_first *first)
{
    for (size_t i = 0; i < first->count; i++)
        free(first->entries[i].text);
    free(first->entries);
    free(first->out);
    free(first);
}

static uint64_t number_of(const struct history_section *section, const struct history_row *row)
{
    return section->order == HISTORY_BY_KEY ? row->key_size : row->number[section->by];
}

static bool is_before(const struct history_section *section, const struct entry *a,
                      const struct entry *b)
{
    bool is_by_key = section->order == HISTORY_BY_KEY;
    if (a->number != b->number)
        return is_by_key ? a->number < b->number : a->number > b->number;
    size_t common = a->key_size < b->key_size ? a->key_size : b->key_size;
    int order = memcmp(a->text, b->text, common);
    return order ? order < 0 : a->key_size < b->key_size;
}

static struct entry entry_of(const struct history_section *section, const struct history_row *row)
{
    return (struct entry){.number = number_of(section, row),
                          .text = (char *)(uintptr_t)row->key,
                          .key_size = row->key_size};
}

bool history_first_is_before(const struct history_section *section, const struct history_row *a,
                             const struct history_row *b)
{
    const struct entry one = entry_of(section, a), other = entry_of(section, b);
    return is_before(section, &one, &other);
}

static void swap(struct entry *a, struct entry *b)
{
    struct entry other = *a;
    *a = *b;
    *b = other;
}

static void sift_up(struct history_first *first, size_t at)
{
    struct entry *e = first->entries;
    for (; at && is_before(first->section, &e[(at - 1) / 2], &e[at]); at = (at - 1) / 2)
        swap(&e[(at - 1) / 2], &e[at]);
}

static void sift_down(struct history_first *first)
{
    struct entry *e = first->entries;
    for (size_t at = 0, last;; at = last) {
        last = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < first->count; child++)
            if (is_before(first->section, &e[last], &e[child]))
                last = child;
        if (last == at)
            return;
        swap(&e[last], &e[at]);
    }
}

bool history_first_takes(const struct history_first *first, const struct history_row *row)
{
    const struct entry entry = entry_of(first->section, row);
    return first->count < first->most ||
           (first->most && is_before(first->section, &entry, &first->entries[0]));
}

bool history_first_offer(struct history_first *first, const struct history_row *row,
                         struct history_line *line)
{
    if (!history_first_takes(first, row))
        return true;
    struct entry entry = entry_of(first->section, row);
    entry.text = memory_copy_bytes(line->text, line->size);
    entry.size = line->size;
    entry.line = line->number;
    if (first->count == first->most) {
        free(first->out);
        first->out = first->entries[0].text;
        *line = (struct history_line){first->out, first->entries[0].size, first->entries[0].line};
        first->entries[0] = entry;
        sift_down(first);
        return true;
    }
    first->entries =
        array_grow(first->entries, first->count, &first->capacity, sizeof *first->entries);
    first->entries[first->count] = entry;
    sift_up(first, first->count++);
    return false;
}

/* Sorts the heap: each step moves the last of the remaining rows behind them. */
static void sort(struct history_first *first)
{
    size_t count = first->count;
    for (; first->count > 1; sift_down(first))
        swap(&first->entries[0], &first->entries[--first->count]);
    first->count = count;
    first->is_sorted = true;
}

bool history_first_next(struct history_first *first, struct history_line *line)
{
    if (!first->is_sorted)
        sort(first);
    if (first->returned == first->count)
        return false;
    const struct entry *entry = &first->entries[first->returned++];
    *line = (struct history_line){entry->text, entry->size, entry->line};
    return true;
}
