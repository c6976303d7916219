/* The variables and functions of awstats.pl that the plugin's C uses, found once per update.
 *
 * Nothing here creates a variable: an AWStats without one of them is not counted for natively. */
#ifndef PLUGIN_AWSTATS_VARIABLES_H
#define PLUGIN_AWSTATS_VARIABLES_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"

#include <stdbool.h>

/* A variable or function of variables.def: AWSTATS_ and AWStats' own name for it. */
enum variable {
#define VARIABLE(sigil, name, since) AWSTATS_##name,
#include "awstats/variables.def"
#undef VARIABLE
    VARIABLES
};

struct variables {
    GV *glob[VARIABLES]; /* NULL: AWStats does not have it */
};

/* Finds all variables.  They stay AWStats' own, and live as long as its package main does. */
void variables_init(pTHX_ struct variables *variables);

/* Croak with "AWStats has no %_host_h" if a variable is missing: one that every AWStats has, or a
 * given one. */
void variables_require_all(pTHX_ const struct variables *variables);
void variables_require(pTHX_ const struct variables *variables, enum variable variable);

/* Returns the names, with sigil, of the missing variables that every AWStats has: mortal strings in
 * a mortal array. */
AV *variables_missing(pTHX);

/* Whether AWStats has a variable that only some versions have. */
bool variables_has(const struct variables *variables, enum variable variable);

/* Return a variable that AWStats has, which stays AWStats' own.  The sigil must be the table's. */
SV *variables_scalar(const struct variables *variables, enum variable variable);
AV *variables_array(const struct variables *variables, enum variable variable);
HV *variables_hash(const struct variables *variables, enum variable variable);
GV *variables_glob(const struct variables *variables, enum variable variable); /* any sigil */

/* Returns %_section_NUMBER_COLUMN, a counter of an extra section (Init_HashArray); croaks when
 * AWStats has none.  COLUMN: p, h, k or l. */
HV *variables_extra_section(pTHX_ UV number, char column);

#endif
