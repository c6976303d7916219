/* Bounds the memory for the names of listed objects: a store can send new keys for ever. */
#ifndef SOURCE_NAMES_SIZE_H
#define SOURCE_NAMES_SIZE_H

#include <stddef.h>
#include <stdint.h>

/* In memory.  512 MiB are some 2,700,000 logs.  A build for tests may set less. */
#ifndef SOURCE_NAMES_MIB
#define SOURCE_NAMES_MIB 512
#endif

/* The bytes of all keys of a list, in MiB: the ledger of a site takes a list to the disk.  64 GiB are some 1,000,000,000
 * logs. */
#ifndef SOURCE_LIST_MIB
#define SOURCE_LIST_MIB 65536
#endif

/* Bytes of a heap allocation, beside what was asked for. */
enum { NAMES_ALLOCATION = 2 * sizeof(size_t) };

static const size_t names_size_max = (size_t)SOURCE_NAMES_MIB << 20;
static const uint64_t list_size_max = (uint64_t)SOURCE_LIST_MIB << 20;

#endif
