/* From the sorted events of a batch to the records of its views. */
#ifndef STREAM_ASSEMBLE_H
#define STREAM_ASSEMBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "sort/sort.h"
#include "text/buffer.h"

/* Where the log is one of several: what is taken over from the one before, and left to the next. */
struct assemble_state {
    const void *before; /* the bytes of views_save(); NULL: nothing */
    size_t before_size;
    bool writes_open;    /* as views_write_open() */
    struct buffer after; /* gets the bytes of views_save(); stays empty when nothing is left */
};

struct assemble_counts {
    uint64_t open;    /* views that are left to the next log */
    uint64_t views;   /* records written */
    uint64_t falling; /* events whose running total was below one before them */
};

/* Reads all events of the finished sort EVENTS, and adds a record for each view and each connection
 * without one to RECORDS, those that are open at the end too unless STATE (else NULL) takes
 * them.  False when memory has run out, when a sort failed (see sort_problem() of either), or when
 * what was taken over is not what views_save() has made. */
bool assemble_views(struct sort *events, struct sort_writer *records, struct assemble_state *state,
                    struct assemble_counts *counts);

#endif
