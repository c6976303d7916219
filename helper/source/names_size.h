/* Bounds the memory for the names of listed objects: a store can send new keys for ever. */
#ifndef SOURCE_NAMES_SIZE_H
#define SOURCE_NAMES_SIZE_H

#include <stddef.h>
#include <stdint.h>

/* The names of a list in memory, in MiB.  512 MiB are some 2,700,000 logs.  A build for tests may
 * set less. */
#ifndef SOURCE_NAMES_MIB
#define SOURCE_NAMES_MIB 512
#endif

/* The keys of a list that goes to the disk, in the ledger of a site, in MiB.  64 GiB are some
 * 1,000,000,000 logs. */
#ifndef SOURCE_LIST_MIB
#define SOURCE_LIST_MIB 65536
#endif

/* Bytes that malloc() adds to each allocation. */
enum { NAMES_ALLOCATION = 2 * sizeof(size_t) };

static const size_t names_size_max = (size_t)SOURCE_NAMES_MIB << 20;
static const uint64_t list_size_max = (uint64_t)SOURCE_LIST_MIB << 20;

#endif
