/* Finds the "my" variables of a program's main code by their names. */
#ifndef PLUGIN_AWSTATS_LEXICALS_H
#define PLUGIN_AWSTATS_LEXICALS_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"

/* Returns the variable called NAME ("$line") of the code in which FUNCTION is defined: that code is
 * a whole file or the body of a function, whether perl runs it itself or a wrapper does.  The
 * variable stays Perl's.  NULL if the code does not declare the name by "my" exactly once, if the
 * code is not running or is running more than once, and before perl 5.22.
 *
 * The variable is that of the block's current (or next) execution.  Perl allocates a new one each
 * time the block exits, and in every round of a loop. */
SV *lexicals_find(pTHX_ const CV *function, const char *name, size_t size);

#endif
