/* The functions of this program that the plugin's Perl calls. */
#ifndef EMBEDDED_CALLS_H
#define EMBEDDED_CALLS_H

#include "embedded/embedded.h"

/* Defines them in the current interpreter, for this run of awstats.pl. */
void calls_define(const struct embedded_options *options);

#endif
