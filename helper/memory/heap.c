#include "memory/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    PIECE = 32 << 20, /* bytes by which the heap grows */
    OUTSIDE_HEAP =
        4
        << 20, /* allocations of this size or more have pages of their own, as large buffers should */
    MORE_THAN_FREE = 1 << 20, /* so much is not free at the heap's end: it grows */
};

void heap_expect_many(void)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    mallopt(M_MMAP_THRESHOLD, OUTSIDE_HEAP);
    mallopt(M_TOP_PAD, PIECE);
    const uintptr_t begin = ((uintptr_t)sbrk(0) + page - 1) / page * page;
    free(malloc(MORE_THAN_FREE));
    const uintptr_t end = (uintptr_t)sbrk(0);
    if (end > begin)
        (void)madvise((void *)begin, end - begin, MADV_HUGEPAGE);
}
