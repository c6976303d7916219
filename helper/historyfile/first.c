#include "historyfile/first.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "memory/priority_queue.h"

struct entry {
    uint64_t number; /* the number that sorts the rows, the least first */
    char *text;
    size_t size, key_size;
    uint64_t line; /* its number */
};

struct history_first {
    const struct history_section *section;
    struct entry *entries; /* a priority queue, whose first row is the one that comes last */
    size_t count, capacity, most;
    char *out;       /* the text that history_first_next() has returned last */
    bool is_sorted;  /* the entries are sorted, and no longer a queue */
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

/* Returns the number that sorts a row, the least first.  In a section that is sorted by keys, the shortest key is
 * first; in any other one, the row with the greatest number. */
static uint64_t number_of(const struct history_section *section, const struct history_row *row)
{
    return section->order == HISTORY_BY_KEY ? row->key_size : UINT64_MAX - row->number[section->by];
}

static bool is_before(const struct entry *a, const struct entry *b)
{
    if (a->number != b->number)
        return a->number < b->number;
    size_t common = a->key_size < b->key_size ? a->key_size : b->key_size;
    int order = memcmp(a->text, b->text, common);
    return order ? order < 0 : a->key_size < b->key_size;
}

static bool is_after(const void *item, const void *other)
{
    return is_before(other, item);
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
    return is_before(&one, &other);
}

bool history_first_takes(const struct history_first *first, const struct history_row *row)
{
    const struct entry entry = entry_of(first->section, row);
    return first->count < first->most || (first->most && is_before(&entry, &first->entries[0]));
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
        priority_queue_replace_first(first->entries, first->count, sizeof entry, &entry, is_after);
        return true;
    }
    first->entries =
        array_grow(first->entries, first->count, &first->capacity, sizeof *first->entries);
    priority_queue_add(first->entries, first->count++, sizeof entry, &entry, is_after);
    return false;
}

/* Sorts the queue: each step moves the last of the remaining rows behind them. */
static void sort(struct history_first *first)
{
    for (size_t count = first->count; count > 1; count--) {
        const struct entry last = first->entries[0];
        priority_queue_remove_first(first->entries, count, sizeof last, is_after);
        first->entries[count - 1] = last;
    }
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
