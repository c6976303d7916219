/* The heap of malloc(). */
#ifndef MEMORY_HEAP_H
#define MEMORY_HEAP_H

#include <stddef.h>

/* Lets the heap of this process grow in a few large pieces, the first one in huge pages where the
 * system has them.  Perl takes tens of MiB in small pieces, and without this the kernel makes each
 * page of 4 KiB at perl's first access.  Takes only the memory that is used, up to the end of the
 * last huge page.  A failure only costs time. */
void heap_expect_many(void);

/* Lets the system use huge pages, where it has them, for SIZE bytes: many MiB that are not written
 * yet. */
void heap_use_huge_pages(void *memory, size_t size);

/* Gives freed memory back to the system.  Takes a millisecond or more: call this after freeing much
 * memory that is not needed soon. */
void heap_shrink(void);

#endif
