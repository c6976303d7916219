/* Checks names that setup writes into files, where they must not have another meaning. */
#ifndef SETUP_NAMES_H
#define SETUP_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Returns NULL when NAME can be the name of a site: of a section of cloudfront.conf, of the file
 * awstats.NAME.conf and of an instance of a systemd unit.  Else returns an error (static) such as
 * "must begin with a letter or a digit". */
const char *setup_name_error(const char *name);

/* Returns whether TEXT is the name of a host (RFC 1123, section 2.1) with a dot in it, in lower
 * case.  Such a name has no special meaning in a configuration of AWStats. */
bool setup_is_host(const char *text, size_t size);

/* Returns whether a host's name is the own name of a distribution, d111111abcdef8.cloudfront.net,
 * which the plugin accepts without being listed. */
bool setup_is_distribution(const char *host);

#endif
