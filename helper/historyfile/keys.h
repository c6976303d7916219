/* Which lines of a section have a key that other lines have, too.
 *
 * A hash of each key is noted in a temporary file, in partitions by the hash, so the keys themselves need not be kept, and
 * the memory is that of one partition.  Two keys with one hash count as one key: a line may be found without need, but
 * none is missed. */
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

/* Sets the bit of each line with a number whose hash another line has, too.  Is called once, when all are noted.  Returns
 * false with errno set. */
bool history_keys_find(struct history_keys *keys, uint8_t *bits);

#endif
