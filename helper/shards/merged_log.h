/* The sorted logs of a shard, read as one: by time; of one second, the first part first. */
#ifndef SHARDS_MERGED_LOG_H
#define SHARDS_MERGED_LOG_H

#include "text/buffer.h"

struct merged_log;

/* Opens the logs of SHARD in the FOLDERS of the parts, below the folder WORK.  Errors are one line in ERROR, which must
 * last as long. */
struct merged_log *merged_log_new(const char *work, char *const *folders, unsigned count,
                                  unsigned shard, struct buffer *error); /* NULL: failed */

/* As shard_reader_next(). */
int merged_log_next(struct merged_log *log, const char **record, size_t *size);
void merged_log_free(struct merged_log *log); /* may be NULL */

#endif
