/* A normalized log that does not come from a descriptor: a run and its reader may be in one process. */
#ifndef NORMALIZED_STREAM_H
#define NORMALIZED_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "normalized/record.h"

/* A part of the log: whole lines. */
struct normalized_block {
    const char *text;
    size_t size;
    const struct record
        *record; /* the lines among them that record_split() accepts, in their order */
    size_t records;
};

struct normalized_stream {
    /* Returns the next part, which stays valid until the next call, and waits for it at most WAIT_MS milliseconds.
     * Returns 1; 0: the log has ended; -1: no part has come yet. */
    int (*next)(void *user, struct normalized_block *block, int wait_ms);
    /* Returns how many records the log has at most: some of them may still be left out.  May be called once next() has
     * returned a part.  0, or NULL in the place of the function: not known. */
    uint64_t (*records)(void *user);
    /* Tells the writer that the reader splits the lines itself.  Blocks that the writer begins to fill after this call
     * have no records: RECORDS is 0.  Earlier blocks, which the reader may still have to take, have them.  Called in
     * the reader's thread, at any time.  NULL: all blocks have records. */
    void (*take_lines)(void *user);
    void *user;
};

#endif
