/* Reads the settings that Perl passes when it makes the loop: hashes of numbers, arrays and
 * functions. */
#ifndef PLUGIN_AWSTATS_SETTINGS_H
#define PLUGIN_AWSTATS_SETTINGS_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"

#include <stdbool.h>

/* Returns a setting; NULL if it is missing or undefined. */
SV *settings_get(pTHX_ HV *settings, const char *name);

/* Return a setting as a truth and as a number: false and 0 if it is missing. */
bool settings_flag(pTHX_ HV *settings, const char *name);
UV settings_number(pTHX_ HV *settings, const char *name);

/* Return the array, the hash or the value that a setting refers to; croak if it is no such
 * reference. */
AV *settings_array(pTHX_ HV *settings, const char *name);
HV *settings_hash(pTHX_ HV *settings, const char *name);
SV *settings_referent(pTHX_ HV *settings, const char *name);

/* Returns the number of an array's elements. */
unsigned settings_length(pTHX_ AV *list);

#endif
