/* Puts numbers into records in the place of values, so that a reader in the same process looks up each value once.
 *
 * The memory is bounded: when the values of a column take too much, the numbering forgets them and begins another
 * series of numbers.  After the last series, another numbering begins. */
#ifndef NORMALIZED_NUMBERING_H
#define NORMALIZED_NUMBERING_H

#include "normalized/record.h"

struct numbering;

/* Makes a numbering without values, which takes about MEMORY bytes for each column at most: less than 512 MiB. */
struct numbering *numbering_new(size_t memory);
void numbering_free(struct numbering *numbering);

/* Sets the numbers of a record that record_split() has split. */
void numbering_add(struct numbering *numbering, struct record *record);

#endif
