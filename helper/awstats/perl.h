/* Runs a module of the plugin by the perl that runs awstats.pl. */
#ifndef AWSTATS_PERL_H
#define AWSTATS_PERL_H

#include <stdbool.h>
#include <stddef.h>

#include "awstats/find.h"
#include "text/buffer.h"

/* Loads the plugin's module AWStats::CloudFront::Check, and calls its function NAME with ARGUMENTS
 * (NULL ends them) and INPUT on its standard input.  OUT gets what it prints.  Returns false, with
 * one line in ERROR, when the module does not load or fails. */
bool awstats_perl(const struct awstats *awstats, const char *name, char *const *arguments,
                  const struct buffer *input, struct buffer *out, struct buffer *error);

#endif
