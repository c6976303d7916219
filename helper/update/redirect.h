/* Redirects the standard output and error of this process to files, while perl and the programs that perl starts use
 * them. */
#ifndef UPDATE_REDIRECT_H
#define UPDATE_REDIRECT_H

#include <stdbool.h>
#include <stdio.h>

#include "update/update.h"

/* The descriptors 1 and 2, as they were before. */
struct redirected {
    FILE *out, *own_out;
    int error;
};

/* Makes OUTPUT the descriptors 1 and 2.  stdout and messages of this program still go to what these descriptors were.
 * A standard output that was closed is one for reading (main.c).  Returns false with errno; redirect_end() must be
 * called in any case. */
bool redirect_begin(struct redirected *standard, const struct update_output *output);

/* Takes the redirection back.  Returns 0, or the errno of what was printed and is lost. */
int redirect_end(struct redirected *standard);

#endif
