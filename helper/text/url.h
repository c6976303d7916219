/* URLs in messages. */
#ifndef TEXT_URL_H
#define TEXT_URL_H

#include <stdbool.h>

#include "text/buffer.h"

/* Adds URL as people may see it: with "***" for all that stands before its last "@", where a user
 * and a password can be. */
bool url_add_shown(struct buffer *out, const char *url);

#endif
