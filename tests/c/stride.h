/* How many of a test's cases are tried, where each is like its neighbours. */
#ifndef STRIDE_H
#define STRIDE_H

#include <stdlib.h>

/* How far one case that is tried is from the next.  Under AddressSanitizer, which makes such a test ten
 * to twenty times slower, one of SANITIZED cases is tried; the same program without it (TESTS_TWICE in the
 * Makefile) tries one of PLAIN; SOAK tries all. */
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
