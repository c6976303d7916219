/* Lines in a temporary file, in partitions that are read one after another. */
#ifndef HISTORYFILE_PARTITIONS_H
#define HISTORYFILE_PARTITIONS_H

#include <stdbool.h>
#include <stddef.h>

enum { HISTORY_PARTITION_BITS = 7, HISTORY_PARTITIONS = 1 << HISTORY_PARTITION_BITS };

struct history_partitions;

/* Makes the file, which has no name, in DIRECTORY.  Returns NULL with errno set when it cannot be made. */
struct history_partitions *history_partitions_new(const char *directory);
void history_partitions_free(struct history_partitions *partitions); /* NULL is allowed */

/* Adds a line to a partition.  Returns false with errno set. */
bool history_partitions_add(struct history_partitions *partitions, size_t partition,
                            const char *line, size_t size);

/* Ends adding.  Returns false with errno set. */
bool history_partitions_end(struct history_partitions *partitions);

/* Begins to read a partition; then returns its next line, which is valid until the next call, and its size.  NULL with
 * errno 0 at the end of the partition, with another errno when it cannot be read. */
void history_partitions_open(struct history_partitions *partitions, size_t partition);
const char *history_partitions_next(struct history_partitions *partitions, size_t *size);

#endif
