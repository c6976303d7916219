/* Threads that count: one for each lane, which gets its records in blocks of lines.
 *
 * A thread counts the records that it can count without perl.  At any other record it stops, and asks: then the lane is
 * the caller's, who counts the record, or lets awstats.pl count it, and lets the thread go on.  All functions are for the
 * caller's thread, which is perl's.  If memory runs out, the program ends. */
#ifndef PLUGIN_LOOP_THREADS_H
#define PLUGIN_LOOP_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop/internal.h"

struct threads;

/* Starts a thread for each of so many lanes, which must outlive the threads.  MEMORY: how much all counters may take,
 * in bytes.  Returns NULL if the threads cannot be started. */
struct threads *threads_new(struct lane *lanes, unsigned count, size_t memory);

/* Ends the threads; lines that are not counted yet are lost. */
void threads_free(struct threads *threads);

/* Whether a lane has room for a line of SIZE bytes. */
bool threads_have_room(struct threads *threads, unsigned lane, size_t size);

/* Adds a line to a lane that has room.  RECORD: its number in the log.  The thread gets the line when a block is full, or
 * by threads_publish(). */
void threads_put(struct threads *threads, unsigned lane, const char *line, size_t size,
                 uint64_t record);
void threads_publish(struct threads *threads);

/* Whether a thread may count or ask, or has lines that it does not have yet. */
bool threads_are_busy(struct threads *threads);

/* What a thread asks for: its next line. */
struct asked {
    unsigned lane;
    unsigned question; /* number among those about records of one block, from 1 */
    const char *line;  /* LF and all; the next two members, too, stay until threads_answer() */
    size_t size;
    const struct record *record; /* NULL: record_split() does not accept the line */
    const struct record *later;  /* the records of the block that come after it */
    size_t laters;
};

/* Stores what a thread asks for.  Returns false when none asks. */
bool threads_asked(struct threads *threads, struct asked *asked);

/* Lets the thread of a lane that has asked go on behind the line.  ITEM: what became of it; NULL: the caller has told
 * that itself. */
void threads_answer(struct threads *threads, unsigned lane, const struct tally_item *item);

/* Waits until a thread asks, or has made room, or has no more lines; at most WAIT_MS milliseconds. */
void threads_wait(struct threads *threads, int wait_ms);

/* Whether each thread asks or is not busy, so that no thread uses its lane. */
bool threads_are_still(struct threads *threads);

/* Returns the memory of the tables of all lanes, as of the last blocks, in bytes. */
size_t threads_memory(struct threads *threads);

/* Call when the tables were emptied. */
void threads_forget_memory(struct threads *threads);

/* Adds what became of the records, which is forgotten then.  Only while the threads are not busy. */
void threads_tell(struct threads *threads, struct tally *tally);

#endif
