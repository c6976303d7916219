/* Passes bytes from one thread to another through memory, as a pipe does between processes.  One thread
 * puts, one takes.  Bounded: who puts waits until there is room. */
#ifndef UPDATE_CHANNEL_H
#define UPDATE_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct channel;

struct channel *channel_new(void);
void channel_free(struct channel *channel); /* once both threads are done with it */

/* Puts all bytes.  Returns false when the taker has abandoned the channel. */
bool channel_put(struct channel *channel, const char *data, size_t size);
void channel_end(struct channel *channel); /* all bytes have been put */

/* Takes at most ROOM bytes, and waits for the first of them at most WAIT_MS milliseconds.  Returns how
 * many there were; 0: all were taken, and the channel has ended; -1: none has come yet. */
ssize_t channel_take(struct channel *channel, char *to, size_t room, int wait_ms);
void channel_abandon(struct channel *channel); /* nobody takes any more */

#endif
