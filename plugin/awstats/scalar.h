/* Numbers in AWStats' scalars, read and changed as Perl does. */
#ifndef PLUGIN_AWSTATS_SCALAR_H
#define PLUGIN_AWSTATS_SCALAR_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"

#include <stdbool.h>
#include <stdint.h>

/* Calculate $sv += AMOUNT and $sv -= AMOUNT. */
void scalar_add(pTHX_ SV *sv, UV amount);
void scalar_subtract(pTHX_ SV *sv, UV amount);
void scalar_add_signed(pTHX_ SV *sv, IV amount);

/* Reads a number; false if it is no whole one. */
bool scalar_read_whole(pTHX_ SV *sv, int64_t *number);

/* Whether a number can be a time as AWStats keeps it, YYYYMMDDhhmmss. */
static inline bool is_awstats_time(UV number)
{
    return number >= 10000101000000 && number <= 99991231235959;
}

/* Reads a time as AWStats keeps it.  False if the scalar has none. */
bool scalar_read_time(pTHX_ SV *sv, UV *time);

#endif
