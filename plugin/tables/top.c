#include "tables/top.h"

#include <stdlib.h>

/* Before top_sort(), the rows are a heap with the last row at its root. */

static bool comes_after(const struct top_row *a, const struct top_row *b)
{
    return a->order < b->order || (a->order == b->order && a->sequence > b->sequence);
}

static void swap(struct top_row *a, struct top_row *b)
{
    const struct top_row other = *a;
    *a = *b;
    *b = other;
}

static void sift_up(struct top_row *heap, size_t at)
{
    for (; at > 0 && comes_after(&heap[at], &heap[(at - 1) / 2]); at = (at - 1) / 2)
        swap(&heap[at], &heap[(at - 1) / 2]);
}

static void sift_down(struct top_row *heap, size_t count)
{
    for (size_t at = 0;;) {
        size_t last = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++)
            if (comes_after(&heap[child], &heap[last]))
                last = child;
        if (last == at)
            return;
        swap(&heap[at], &heap[last]);
        at = last;
    }
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
    top->first[top->count] = *row;
    sift_up(top->first, top->count++);
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
        top->first[0] = offered;
        sift_down(top->first, top->count);
    }
    return true;
}

static int compare(const void *first, const void *second)
{
    const struct top_row *a = first, *b = second;
    return comes_after(a, b) ? 1 : comes_after(b, a) ? -1 : 0;
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
