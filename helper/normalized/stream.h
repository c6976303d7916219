/* The bytes of a normalized log that does not come from a descriptor: a run and its reader may be in one
 * process. */
#ifndef NORMALIZED_STREAM_H
#define NORMALIZED_STREAM_H

#include <stddef.h>
#include <sys/types.h>

struct normalized_stream {
    /* Copies at most ROOM bytes to TO, and waits for the first of them at most WAIT_MS milliseconds.
     * Returns how many there were; 0: the log has ended; -1: none has come yet. */
    ssize_t (*read)(void *user, char *to, size_t room, int wait_ms);
    void *user;
};

#endif
