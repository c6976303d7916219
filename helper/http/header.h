/* Reads one line of a response's head. */
#ifndef HTTP_HEADER_H
#define HTTP_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/pool.h"

enum { HTTP_HEADER_MAX = 1024 }; /* bytes; the rest of a longer line is cut off */

struct http_header {
    const char *name, *value; /* point into text; without the spaces around the value */
    char text[HTTP_HEADER_MAX];
};

/* Returns whether the line is the status line, with which a response begins. */
bool http_header_is_status(const char *line, size_t size);

/* Splits a line into name and value.  Returns false when the line has no colon. */
bool http_header_split(struct http_header *header, const char *line, size_t size);

/* Stores the value of Date or Retry-After in RESPONSE; any other header changes nothing. */
void http_header_read(const struct http_header *header, struct http_response *response);

/* Returns a date of HTTP in seconds UTC; -1 for "" and for a text that is no date. */
int64_t http_header_date(const char *text);

#endif
