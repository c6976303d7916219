/* Chooses some of a test's cases, if each case is like its neighbours. */
#ifndef STRIDE_H
#define STRIDE_H

#include <stdlib.h>

/* Returns the distance between two cases that are tried.  Under AddressSanitizer, which makes such a test ten to
 * twenty times slower, this is SANITIZED; for the same program without it (TESTS_TWICE in the Makefile), PLAIN; with
 * SOAK, 1. */
static inline unsigned long stride(unsigned long plain, unsigned long sanitized)
{
    if (getenv("SOAK"))
        return 1;
#ifdef __SANITIZE_ADDRESS__
    (void)plain;
    return sanitized;
#else
    (void)sanitized;
    return plain;
#endif
}

#endif
