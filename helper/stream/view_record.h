/* A view becomes a record of the normalized log. */
#ifndef STREAM_VIEW_RECORD_H
#define STREAM_VIEW_RECORD_H

#include <stddef.h>

#include "stream/views.h"

/* Bytes that the view's record may take. */
size_t record_room(const struct view *view);

/* Writes the record, with LF; returns its size.  The columns, where they are not the view's own:
 *   cs-method, sc-status   GET, 200
 *   cs(Host)               of cs-uri-stem, rtmp://HOST/APPLICATION
 *   cs-uri-stem            /APPLICATION/NAME.EXT; a connect: /APPLICATION/; more: with a slash
 *                          behind, by which AWStats tells what is no view, and so no page
 *   cs-protocol            rtmp, rtmpe, rtmpt ...: of cs-uri-stem
 *   cs(Referer)            x-page-url, else c-referrer
 *   cs-uri-query           x-sname-query, else cs-uri-query
 *   x-event                view, connect, or more: bytes of what was written before
 *   x-duration             seconds played; a connect has none */
size_t record_write(const struct view *view, char *out);

#endif
