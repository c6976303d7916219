/* memory/priority_queue: the first of the items, whatever was added, replaced and removed before. */
#include "memory/priority_queue.h"

#include <stdint.h>

#include "tap.h"

enum { ITEMS = 40, ROUNDS = 200000 };

struct item {
    uint32_t number, serial; /* few numbers, so that many are equal; the serial numbers differ */
    char filling[3];         /* the size is no power of two */
};

static bool is_before(const void *item, const void *other)
{
    const struct item *a = item, *b = other;
    return a->number != b->number ? a->number < b->number : a->serial < b->serial;
}

/* Returns the place of the first of the items in an array without an order. */
static size_t find_first(const struct item *items, size_t count)
{
    size_t first = 0;
    for (size_t i = 1; i < count; i++)
        if (is_before(&items[i], &items[first]))
            first = i;
    return first;
}

static bool is_same(const struct item *a, const struct item *b)
{
    return a->number == b->number && a->serial == b->serial;
}

int main(void)
{
    struct item queue[ITEMS], items[ITEMS];
    size_t count = 0, greatest = 0, times_empty = 0, same = 0;
    unsigned long long random = 20261129;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const unsigned long long bits = next_random(&random);
        const struct item item = {.number = bits >> 20 & 15, .serial = i};
        /* The number of items rises to ITEMS, and falls to none, again and again. */
        const unsigned additions = i / 1000 % 2 ? 2 : 4;
        if (count < ITEMS && bits % 8 < additions) {
            priority_queue_add(queue, count, sizeof item, &item, is_before);
            items[count++] = item;
        } else if (count && bits % 8 < 5) {
            priority_queue_replace_first(queue, count, sizeof item, &item, is_before);
            items[find_first(items, count)] = item;
        } else if (count) {
            priority_queue_remove_first(queue, count, sizeof item, is_before);
            const size_t first = find_first(items, count);
            items[first] = items[--count];
        }
        greatest = count > greatest ? count : greatest;
        times_empty += !count;
        same += !count || is_same(&queue[0], &items[find_first(items, count)]);
    }
    ok(same == ROUNDS, "the first item comes before all others: %zu of %d times", same, ROUNDS);
    ok(greatest == ITEMS && times_empty > 100, "up to %zu items, and none %zu times", greatest,
       times_empty);
    for (; count; count--, same++) {
        const size_t first = find_first(items, count);
        if (!is_same(&queue[0], &items[first]))
            break;
        items[first] = items[count - 1];
        priority_queue_remove_first(queue, count, sizeof *queue, is_before);
    }
    ok(!count, "they are removed in their order");
    return done_testing();
}
