#include "tables/top.h"

#include <stdlib.h>

#include "memory/priority_queue.h"

/* Before top_sort(), the rows are a priority queue, whose first row is the one that comes last. */

static bool comes_after(const void *item, const void *other)
{
    const struct top_row *a = item, *b = other;
    return a->order < b->order || (a->order == b->order && a->sequence > b->sequence);
}

static bool add(struct top *top, const struct top_row *row)
{
    if (top->count == top->capacity) {
        const size_t capacity = top->capacity ? top->capacity * 2 : 64;
        struct top_row *larger = realloc(top->first, capacity * sizeof *larger);
        if (!larger)
            return false;
        top->first = larger;
        top->capacity = capacity;
    }
    priority_queue_add(top->first, top->count++, sizeof *row, row, comes_after);
    return true;
}

/* Mirrors BuildKeyList: while there is room, takes each row that has the minimum; later, takes each row that is
 * greater than the last one. */
bool top_offer(struct top *top, uint64_t select, const struct top_row *row)
{
    struct top_row offered = *row;
    offered.sequence = top->offered++;
    if ((double)top->count < top->max)
        return (double)select < top->min || add(top, &offered);
    if (top->count && offered.order > top->first[0].order) {
        priority_queue_replace_first(top->first, top->count, sizeof offered, &offered, comes_after);
    }
    return true;
}

static int compare(const void *first, const void *second)
{
    return comes_after(first, second) ? 1 : comes_after(second, first) ? -1 : 0;
}

void top_sort(struct top *top)
{
    if (top->count)
        qsort(top->first, top->count, sizeof *top->first, compare);
}

void top_clear(struct top *top)
{
    free(top->first);
    *top = (struct top){.max = top->max, .min = top->min};
}
