/* Reads a part, and writes the logs of the shards. */
#ifndef SHARDS_MAP_H
#define SHARDS_MAP_H

#include "shards/part.h"

/* Writes K.zst for each shard, and `result`, into FOLDER.  IS_DROPPED, of each object: its records are left out; or
 * NULL. */
bool map_part(struct task *task, const struct part *part, const bool *is_dropped,
              const char *folder);

#endif
