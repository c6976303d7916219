/* What Perl hands over when the loop is made: hashes of numbers, arrays, functions. */
#ifndef PLUGIN_AWSTATS_SETTINGS_H
#define PLUGIN_AWSTATS_SETTINGS_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"

#include <stdbool.h>
#include <stddef.h>

/* What a hash has under a name; NULL when there is nothing or it is undefined. */
SV *setting_of(pTHX_ HV *setting, const char *name);

/* The same, for truth, as a number, and as an array, without which it croaks. */
bool setting_flag(pTHX_ HV *setting, const char *name);
UV setting_number(pTHX_ HV *setting, const char *name);
AV *setting_array(pTHX_ HV *setting, const char *name);

/* Elements of an array. */
unsigned setting_length(pTHX_ AV *list);

/* Zeroed memory, at least a byte; croaks when there is none. */
void *allocate(size_t count, size_t size);

#endif
