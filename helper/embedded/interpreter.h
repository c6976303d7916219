/* A perl in this process, for the files of this folder that include perl's own headers first. */
#ifndef EMBEDDED_INTERPRETER_H
#define EMBEDDED_INTERPRETER_H

#include "embedded/embedded.h"

/* Makes a perl that has compiled awstats.pl, with these ARGUMENTS (NULL ends them).  *STATUS is 0 when it can
 * run.  End it in any case. */
PerlInterpreter *interpreter_parse(const struct embedded_options *options, char *const *arguments,
                                   int *status);

/* Runs END blocks, and frees the perl.  Returns its exit status. */
int interpreter_end(PerlInterpreter *my_perl);

#endif
