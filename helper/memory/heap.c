#include "memory/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    PIECE = 32 << 20,         /* bytes by which the heap grows */
    OUTSIDE_HEAP = 4 << 20,   /* allocations of this size or more have pages outside of the heap */
    MORE_THAN_FREE = 1 << 20, /* bytes; more than are free at the heap's end, so the heap grows */
};

void heap_use_huge_pages(void *memory, size_t size)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t begin = ((uintptr_t)memory + page - 1) / page * page,
                    end = ((uintptr_t)memory + size) / page * page;
    if (end > begin)
        (void)madvise((void *)begin, end - begin, MADV_HUGEPAGE);
}

void heap_shrink(void)
{
    (void)malloc_trim(0);
}

void heap_expect_many(void)
{
    mallopt(M_MMAP_THRESHOLD, OUTSIDE_HEAP);
    mallopt(M_TOP_PAD, PIECE);
    char *before = sbrk(0);
    /* Without volatile, the compiler would leave out both calls. */
    void *volatile grown = malloc(MORE_THAN_FREE);
    free(grown);
    char *after = sbrk(0);
    if (after > before)
        heap_use_huge_pages(before, (size_t)(after - before));
}
