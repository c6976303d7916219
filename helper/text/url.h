/* Hides secrets of URLs in messages. */
#ifndef TEXT_URL_H
#define TEXT_URL_H

#include "text/buffer.h"

/* Adds URL, or a text with one URL.  "***" replaces everything before the URL's last "@", which can
 * be a user and a password, and everything behind "?" or "#", which can be a token. */
void url_add_shown(struct buffer *out, const char *url);

#endif
