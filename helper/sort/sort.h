/* Sorts the records of a whole batch by time, in bounded memory.
 *
 * Each thread has a writer with an arena of its own; a full arena is sorted and spilled as a run to
 * an unlinked temporary file.  Reading merges the runs.  Records of one time come out in the order
 * of their objects' numbers, and within an object in the order in which they were added, so the
 * output depends neither on threads nor on memory. */
#ifndef SORT_SORT_H
#define SORT_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sort;
struct sort_writer;

/* The first runs of a writer take a part of its arena, which the processor's caches hold, and which costs the system
 * less time to make.  Later ones take the whole, so that there are few. */
enum { SORT_SMALL_PART = 4 };

struct sort_options {
    const char *directory; /* for temporary files; not copied */
    size_t arena_size;     /* bytes of each writer */
    size_t fan_in;         /* runs merged at once, at least 2; each takes a buffer of 64 KiB */
    size_t small_runs;     /* how many of a writer's first runs take a part of the arena only */
};

/* Makes a sort; NULL when memory has run out. */
struct sort *sort_new(const struct sort_options *options);
void sort_free(struct sort *sort); /* and all its writers */

/* Makes a writer for one thread; owned by SORT.  NULL when memory has run out. */
struct sort_writer *sort_writer_new(struct sort *sort);

/* Returns room for a record of up to SIZE bytes, valid until the next call; spills the arena when
 * it is full.  NULL when that failed: see sort_error(). */
char *sort_room(struct sort_writer *writer, size_t size);

/* Objects have numbers below this one.  A record that belongs to no object has a number above:
 * records of one time and one such number come out in any order. */
#define SORT_NO_OBJECT 0x80000000u

/* Adds the SIZE bytes that were written to the room.  All records of an object go to one writer. */
void sort_add(struct sort_writer *writer, uint32_t time, uint32_t object, size_t size);

/* Leaves out all records of an object, also those already added.  Thread-safe.  False when memory
 * has run out. */
bool sort_drop(struct sort *sort, uint32_t object);
bool sort_is_dropped(const struct sort *sort, uint32_t object); /* once all writers are done */

/* Prepares reading, once all writers are done.  Returns false after an error. */
bool sort_finish(struct sort *sort);

/* Returns how many records were added, dropped ones too, once all writers are done. */
uint64_t sort_count(const struct sort *sort);

/* Stores the next record, valid until the next call, and its time.  Returns 1, 0 at the end, -1
 * after an error. */
int sort_next(struct sort *sort, uint32_t *time, const char **record, size_t *size);

/* Returns the first error, as "DIRECTORY: reason"; empty when there is none.  Thread-safe. */
const char *sort_error(struct sort *sort);

#endif
