/* The sorted logs that map writes and reduce reads: records of the normalized log, in one frame of zstd. */
#ifndef SHARDS_SHARD_LOG_H
#define SHARDS_SHARD_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "text/buffer.h"

/* Returns the shard, from 0, that counts a record.  All spellings of a host for which AWStats has one row give the same
 * shard. */
unsigned shard_of(const char *record, size_t size, unsigned shards);

struct shard_writer;

/* Makes a new file.  Errors are one line in ERROR, which must last as long. */
struct shard_writer *shard_writer_new(const char *path, struct buffer *error); /* NULL: failed */
bool shard_writer_put(struct shard_writer *writer, const char *record, size_t size);

/* Ends and closes the file, and frees the writer. */
bool shard_writer_end(struct shard_writer *writer);
void shard_writer_free(struct shard_writer *writer); /* without its end; may be NULL */

struct shard_reader;

struct shard_reader *shard_reader_new(const char *path, struct buffer *error); /* NULL: failed */

/* Stores the next record, with its LF, which is valid until the next call: 1; 0 at the end of the log, -1 failed. */
int shard_reader_next(struct shard_reader *reader, const char **record, size_t *size);
void shard_reader_free(struct shard_reader *reader); /* may be NULL */

#endif
