#include "unique/id_set.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"

enum { FIRST_CAPACITY = 1024 };

static bool is_free(const struct id *id)
{
    return !id->word[0] && !id->word[1];
}

static bool is_same(const struct id *a, const struct id *b)
{
    return a->word[0] == b->word[0] && a->word[1] == b->word[1];
}

/* Returns where the ID is, or the free slot where it belongs. */
static size_t find(const struct id_set *set, const struct id *id)
{
    size_t mask = set->slots - 1, i = (size_t)id->word[0] & mask;
    while (!is_free(&set->slot[i]) && !is_same(&set->slot[i], id))
        i = (i + 1) & mask;
    return i;
}

/* Grows the table, so that half of the slots stay free. */
static void grow(struct id_set *set)
{
    if (set->slots && set->count < set->slots / 2)
        return;
    struct id_set larger = *set;
    larger.slots = set->slots ? set->slots * 2 : 2 * FIRST_CAPACITY;
    larger.slot = memory_allocate(larger.slots, sizeof *larger.slot);
    for (size_t i = 0; i < set->slots; i++)
        if (!is_free(&set->slot[i]))
            larger.slot[find(&larger, &set->slot[i])] = set->slot[i];
    free(set->slot);
    *set = larger;
}

static void push(struct id_queue *queue, const struct timed_id *id)
{
    if (queue->count == queue->capacity) {
        struct id_queue larger = {.capacity =
                                      queue->capacity ? queue->capacity * 2 : FIRST_CAPACITY};
        larger.first = memory_allocate(larger.capacity, sizeof *larger.first);
        for (; larger.count < queue->count; larger.count++)
            larger.first[larger.count] =
                queue->first[(queue->begin + larger.count) & (queue->capacity - 1)];
        free(queue->first);
        *queue = larger;
    }
    queue->first[(queue->begin + queue->count++) & (queue->capacity - 1)] = *id;
}

bool id_set_add(struct id_set *set, enum id_origin origin, const struct timed_id *id)
{
    grow(set);
    size_t i = find(set, &id->id);
    if (!is_free(&set->slot[i]))
        return false;
    set->slot[i] = id->id;
    set->count++;
    push(&set->queue[origin], id);
    return true;
}

/* Empties a slot, and moves IDs behind the slot up, so find() still reaches each ID from its first place. */
static void remove_slot(struct id_set *set, size_t hole)
{
    size_t mask = set->slots - 1;
    for (size_t i = (hole + 1) & mask; !is_free(&set->slot[i]); i = (i + 1) & mask) {
        size_t home = (size_t)set->slot[i].word[0] & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            set->slot[hole] = set->slot[i];
            hole = i;
        }
    }
    set->slot[hole] = (struct id){{0, 0}};
    set->count--;
}

/* Returns the queue with the oldest ID, or NULL when the set is empty. */
static struct id_queue *oldest(struct id_set *set)
{
    struct id_queue *found = NULL;
    for (int i = 0; i < ID_ORIGINS; i++) {
        struct id_queue *queue = &set->queue[i];
        if (queue->count &&
            (!found || queue->first[queue->begin].time < found->first[found->begin].time))
            found = queue;
    }
    return found;
}

void id_set_forget(struct id_set *set, uint32_t time, uint32_t now)
{
    struct id_queue *queue;
    while ((queue = oldest(set)) != NULL) {
        struct timed_id *id = &queue->first[queue->begin];
        if (id->time >= time && (id->time >= now || set->count <= ID_SET_MAX))
            break;
        remove_slot(set, find(set, &id->id));
        queue->begin = (queue->begin + 1) & (queue->capacity - 1);
        queue->count--;
    }
}

void id_set_free(struct id_set *set)
{
    free(set->slot);
    for (int i = 0; i < ID_ORIGINS; i++)
        free(set->queue[i].first);
    *set = (struct id_set){0};
}
