/* From the sorted events of a batch to the records of its views. */
#ifndef STREAM_ASSEMBLE_H
#define STREAM_ASSEMBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "log/sort.h"

struct assemble_counts {
    uint64_t views;   /* records written */
    uint64_t falling; /* events whose running total was below one before them */
};

/* Reads all events of the finished sort EVENTS, and adds a record for each view and each connection
 * without one to RECORDS, those that are open at the end too.  False when memory has run out, or
 * when a sort failed: see sort_problem() of either. */
bool assemble_views(struct sort *events, struct sort_writer *records,
                    struct assemble_counts *counts);

#endif
