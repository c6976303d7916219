/* Writes a view as a record of the normalized log. */
#ifndef STREAM_VIEW_RECORD_H
#define STREAM_VIEW_RECORD_H

#include <stddef.h>

#include "stream/views.h"

/* Returns the bytes that the view's record may take. */
size_t view_record_room(const struct view *view);

/* Writes the record, with LF; returns its size.  The columns that are not values of the view:
 *   cs-method, sc-status   GET, 200
 *   cs(Host)               from cs-uri-stem, rtmp://HOST/APPLICATION
 *   cs-uri-stem            /APPLICATION/NAME.EXT of a view.  The record of a connect, and of more
 *                          bytes of a view, ends with a slash: AWStats tells by it that the record
 *                          is not a page
 *   cs-protocol            rtmp, rtmpe, rtmpt and so on, from cs-uri-stem
 *   cs(Referer)            x-page-url, else c-referrer
 *   cs-uri-query           x-sname-query, else cs-uri-query
 *   x-event                view, connect, or more (bytes of a view that was written before)
 *   x-duration             seconds played; a connect has none */
size_t view_record_write(const struct view *view, char *out);

#endif
