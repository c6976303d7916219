/* Makes the records of a batch's views from its sorted events. */
#ifndef STREAM_ASSEMBLE_H
#define STREAM_ASSEMBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "sort/sort.h"
#include "text/buffer.h"

/* The state between two logs, for a log that is one of several: what it takes over from the
 * previous log, and leaves to the next. */
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

/* Reads all events of the finished sort EVENTS, and adds a record to RECORDS for each view and for
 * each connection without a view.  Writes views that are open at the end, too, unless STATE (or
 * NULL) keeps them.  Returns false when a sort failed (see sort_error() of either), or when the
 * bytes at STATE->before are not from views_save(). */
bool assemble_views(struct sort *events, struct sort_writer *records, struct assemble_state *state,
                    struct assemble_counts *counts);

#endif
