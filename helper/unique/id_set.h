/* A set of IDs, which forgets the oldest. */
#ifndef UNIQUE_ID_SET_H
#define UNIQUE_ID_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ID_SET_MAX = 1 << 21 }; /* IDs that a set keeps; more only when all have one time */

/* The first 128 bits of a SHA-256 digest: two IDs with the same bits do not happen. */
struct id {
    uint64_t word[2];
};

/* An ID, and the time of its record: seconds since 1970. */
struct timed_id {
    struct id id;
    uint32_t time;
};

/* IDs in the order of their times, the oldest first. */
struct id_queue {
    struct timed_id *first; /* a ring of CAPACITY, a power of two */
    size_t begin, count, capacity;
};

/* The IDs of earlier batches and those of this one come from two sequences. */
enum id_origin { ID_STORED, ID_NEW, ID_ORIGINS };

/* Zeroed at birth. */
struct id_set {
    struct id *slot; /* a power of two of them; all bits 0: free */
    size_t slots, count;
    struct id_queue queue[ID_ORIGINS];
};

/* Adds an ID, with a time that is not below the last one of its origin.  Returns whether the set did
 * not have the ID. */
bool id_set_add(struct id_set *set, enum id_origin origin, const struct timed_id *id);

/* Removes the IDs of times before TIME, and then the oldest ones before NOW while there are more
 * than ID_SET_MAX. */
void id_set_forget(struct id_set *set, uint32_t time, uint32_t now);

void id_set_free(struct id_set *set);

#endif
