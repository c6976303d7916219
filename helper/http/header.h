/* One line of a response's headers. */
#ifndef HTTP_HEADER_H
#define HTTP_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/pool.h"

enum { HTTP_HEADER_MAX = 1024 }; /* bytes of a line that are read */

struct http_header {
    const char *name, *value; /* in text, without the spaces around them */
    char text[HTTP_HEADER_MAX];
};

/* Whether the line is the status line that a response begins with. */
bool http_header_is_status(const char *line, size_t size);

/* Splits a line.  Returns false when it is no header. */
bool http_header_split(struct http_header *header, const char *line, size_t size);

/* Keeps what struct http_response has of the headers. */
void http_header_read(const struct http_header *header, struct http_response *response);

/* Returns a date of HTTP in seconds UTC; -1 for "" and for what is no date. */
int64_t http_header_date(const char *text);

#endif
