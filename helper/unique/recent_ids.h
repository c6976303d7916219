/* Finds requests that were logged twice, such as by the legacy and the v2 logging of a distribution.
 *
 * Both logs have the request's ID and its time.  The IDs of the last 48 hours of log time stand in a
 * file in the order of their times; the records of a batch come in that order, too.  So one pass
 * reads the IDs of earlier batches, compares, and writes the file for the next batch.
 *
 *   recent_ids.c   the pass
 *   id_set.c       the IDs that are compared, in memory
 *   id_file.c      the file
 *
 * Memory is bounded: at most ID_SET_MAX IDs, 100 MiB, are compared at once, those closest in time.
 * With fewer IDs in 96 hours of log time, an ID is found whatever its time is; with more, an ID is
 * found at its own time, even if a single second has more IDs than ID_SET_MAX. */
#ifndef UNIQUE_RECENT_IDS_H
#define UNIQUE_RECENT_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/buffer.h"

struct recent_ids;

/* Opens the IDs of earlier batches, from the file BEFORE; NULL: there are none.  Begins the file
 * AFTER, with the IDs that the next batch needs; NULL: writes none.  ERROR gets one line when this
 * or a later function fails, and must last as long as the result.  Returns NULL after an error. */
struct recent_ids *recent_ids_open(const char *before, const char *after, struct buffer *error);

/* Adds the ID of a record, SIZE bytes.  Times never fall from one call to the next.  Returns 1 when
 * the ID is new, 0 when an earlier record had it, -1 after an error. */
int recent_ids_add(struct recent_ids *ids, uint32_t time, const char *id, size_t size);

/* Completes the file AFTER.  The file is on the disk, under its name, when this returns true. */
bool recent_ids_finish(struct recent_ids *ids);

/* Frees the memory, and removes a file that was not completed.  NULL: does nothing. */
void recent_ids_close(struct recent_ids *ids);

#endif
