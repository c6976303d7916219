/* Passes the lines of a normalized log from one thread to another, in blocks, and splits and numbers
 * the records for the reader, unless the reader wants to do so itself.
 * One thread writes, one reads.  Bounded: the writer waits until there is room. */
#ifndef UPDATE_CHANNEL_H
#define UPDATE_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "normalized/stream.h"

struct channel;

struct channel *channel_new(void);
void channel_free(struct channel *channel); /* once both threads are done with it */

/* Puts whole lines, as one block.  Returns false when the taker has abandoned the channel. */
bool channel_put(struct channel *channel, const char *lines, size_t size);
void channel_end(struct channel *channel); /* all lines have been put */

/* Takes the next block, as normalized_stream.next() does.  At the end, the memory of blocks is freed: the taker goes on
 * without them. */
int channel_take(struct channel *channel, struct normalized_block *block, int wait_ms);

/* Tells the writer that the reader splits the lines itself, as normalized_stream.take_lines() does. */
void channel_take_lines(struct channel *channel);

void channel_abandon(struct channel *channel); /* nobody takes any more */

#endif
