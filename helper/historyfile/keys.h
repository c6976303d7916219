/* Finds the lines of a section whose key other lines have, too.
 *
 * This module writes a hash of each key into a temporary file, in partitions by the hash.  So it does not keep the keys
 * themselves, and needs the memory of one partition.  It takes two keys with the same hash for one key: it may find a
 * line without need, but misses none. */
#ifndef HISTORYFILE_KEYS_H
#define HISTORYFILE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history_keys;

/* The numbers of lines are below HISTORY_NO_LINE, which stands for all lines without a number. */
#define HISTORY_NO_LINE ((UINT64_C(1) << 27) - 2)

/* Makes the file in DIRECTORY.  Returns NULL with errno set. */
struct history_keys *history_keys_new(const char *directory);
void history_keys_free(struct history_keys *keys); /* NULL is allowed */

/* Notes the hash of the key in the line NUMBER.  Returns false with errno set. */
bool history_keys_add(struct history_keys *keys, uint64_t hash, uint64_t number);

/* Sets the bit of each line with a number whose hash another line has, too.  Is called once, when all are noted.
 * Returns false with errno set. */
bool history_keys_find(struct history_keys *keys, uint8_t *bits);

#endif
