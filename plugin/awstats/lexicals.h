/* The "my" variables of a program's main code, found by their names. */
#ifndef PLUGIN_AWSTATS_LEXICALS_H
#define PLUGIN_AWSTATS_LEXICALS_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"

/* The variable called NAME ("$line") of the code that FUNCTION is defined in: of a whole file, if
 * that is where it stands, whether perl runs the file itself or a wrapper does.  NULL when it is
 * not declared there by "my", and once; when the code does not run, or runs more than once; and
 * before perl 5.22.
 *
 * It is the variable, borrowed, of the block that runs now, or that runs next; the block has
 * another one after it was left, and a loop's in each round. */
SV *lexical_find(pTHX_ const CV *function, const char *name, size_t size);

#endif
