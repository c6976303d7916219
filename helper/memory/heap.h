/* The heap of malloc(). */
#ifndef MEMORY_HEAP_H
#define MEMORY_HEAP_H

#include <stddef.h>

/* Lets the heap of this process grow in a few large pieces, the first in huge pages where the system has them: perl
 * takes tens of MiB in small pieces, and the system would make each page of 4 KiB when perl writes to it first.
 * Memory that is not used is not taken, except to the end of the last huge page.  Costs only time when it fails. */
void heap_expect_many(void);

/* Lets memory of many MiB, not written yet, come in huge pages where the system has them. */
void heap_use_huge_pages(void *memory, size_t size);

/* Returns the pages of memory that was freed to the system.  Takes a millisecond or more: call this when much was freed
 * that nobody will need soon. */
void heap_shrink(void);

#endif
