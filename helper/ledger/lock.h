/* Locks a ledger by flock() on a file beside it.  The kernel releases the lock when the process
 * ends, even after a crash.  The text in the file is only information for users. */
#ifndef LEDGER_LOCK_H
#define LEDGER_LOCK_H

#include "text/buffer.h"

enum lock_result { LOCK_HELD, LOCK_TAKEN_BY_OTHER, LOCK_FAILED };

/* Takes the lock of the ledger at PATH, and makes the folders above it.  Waits for the lock at
 * most WAIT seconds (UINT_MAX: without a limit); after the first second, prints for which process it
 * waits.  With LOCK_HELD, the caller closes *fd to release the lock; else ERROR gets one line, which for
 * LOCK_TAKEN_BY_OTHER names the process that holds it. */
enum lock_result lock_take(int *fd, const char *path, unsigned wait, struct buffer *error);

/* Takes the lock that is the file PATH itself, such as that of an AWStats history, in a folder that is
 * there.  USED ("this ledger") is what the process that holds the lock is using. */
enum lock_result lock_take_file(int *fd, const char *path, const char *used, unsigned wait,
                                struct buffer *error);

/* Waits until no process holds the lock file PATH.  Does not keep the lock, so another process may take it at any time.
 * Returns LOCK_HELD, although nothing is held, when the lock is free or the file cannot be opened: the process that
 * takes the lock later prints the error. */
enum lock_result lock_wait_until_free(const char *path, const char *used, unsigned wait,
                                      struct buffer *error);

/* Prints that this process waits for another run to end.  HOLDER is a text that names the other run; WAIT is as
 * above. */
void lock_tell_wait(const char *holder, unsigned wait);

#endif
