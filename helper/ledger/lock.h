/* The lock of a ledger: a lock of the kernel's on a file beside it, which ends with the process
 * that holds it, however that ends.  What the file says is for people alone. */
#ifndef LEDGER_LOCK_H
#define LEDGER_LOCK_H

enum lock_result { LOCK_HELD, LOCK_TAKEN_BY_OTHER, LOCK_FAILED };

/* Takes the lock of the ledger at PATH, and makes the folders above it; waits for it at most WAIT
 * seconds.  With LOCK_HELD, *fd is to be closed to give it back; else one line was printed, which
 * for LOCK_TAKEN_BY_OTHER says who holds it. */
enum lock_result lock_take(int *fd, const char *path, unsigned wait);

#endif
