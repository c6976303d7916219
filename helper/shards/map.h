/* Reads a part, and writes the logs of the shards: for map; and for prepare, without the objects that are copies. */
#ifndef SHARDS_MAP_H
#define SHARDS_MAP_H

#include "shards/outcomes.h"
#include "shards/part.h"

/* Writes K.zst for each shard into FOLDER.  IS_DROPPED, of each object: the object is not read; or NULL.  Stores in
 * OUTCOMES, which the caller frees in both cases, what became of the others. */
bool map_part(struct task *task, const struct part *part, const bool *is_dropped,
              const char *folder, struct outcomes *outcomes);

#endif
