/* The setting trusted-proxies: a list of networks. */
#ifndef CONFIG_TRUSTED_PROXIES_H
#define CONFIG_TRUSTED_PROXIES_H

#include <stddef.h>

#include "log/address.h"

/* Reads networks, with spaces or commas between:
 *
 *     ADDRESS
 *     ADDRESS / BITS
 *
 * Stores a list (malloc) of *COUNT networks over the one that *NETWORKS has.  Returns NULL, or an
 * error (static). */
const char *trusted_proxies_read(struct network **networks, size_t *count, const char *text);

#endif
