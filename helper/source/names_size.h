/* What the names of listed objects may take in memory: a store can send new keys for ever. */
#ifndef SOURCE_NAMES_SIZE_H
#define SOURCE_NAMES_SIZE_H

#include <stddef.h>

/* 512 MiB are some 2,700,000 logs.  A build for tests may set less. */
#ifndef SOURCE_NAMES_MIB
#define SOURCE_NAMES_MIB 512
#endif

/* Bytes of a heap allocation, beside what was asked for. */
enum { NAMES_ALLOCATION = 2 * sizeof(size_t) };

static const size_t names_size_max = (size_t)SOURCE_NAMES_MIB << 20;

#endif
