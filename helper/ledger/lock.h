/* The lock of a ledger: a lock of the kernel's on a file beside it, which ends with the process that
 * holds it, however that ends.  The text in the file is for people alone. */
#ifndef LEDGER_LOCK_H
#define LEDGER_LOCK_H

#include "text/buffer.h"

enum lock_result { LOCK_HELD, LOCK_TAKEN_BY_OTHER, LOCK_FAILED };

/* Takes the lock of the ledger at PATH, and makes the folders above it; waits for it at most WAIT
 * seconds.  With LOCK_HELD, the caller closes *fd to release the lock; else ERROR gets one line,
 * which for LOCK_TAKEN_BY_OTHER says which process holds it. */
enum lock_result lock_take(int *fd, const char *path, unsigned wait, struct buffer *error);

#endif
