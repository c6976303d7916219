/* Texts of visitors in a log: their user agents, queries, referring pages and so on, in which anything may stand where
 * a log does not encode its values.  Such a text must not pass for a header or for a record. */
#ifndef LOG_VISITOR_TEXT_H
#define LOG_VISITOR_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "normalized/columns.h"

struct delimiter;
struct header;

/* Whether a column may have a text of the visitor. */
bool visitor_text_has_column(enum column column);

/* Whether a column of this name may have a text of the visitor: any but those that CloudFront alone fills. */
bool visitor_text_has_name(const char *name, size_t size);

/* Whether a line is a row of a log whose first column has such texts, whatever the line begins with: one of its values
 * behind the first delimiter is a time, as CloudFront writes it behind the visitor's text.  No header, no line of
 * names and no JSON object has such a value, so a log that was joined is still found.  DELIMITER of size 0: it is not
 * known yet.  False when the first column has no such texts. */
bool visitor_text_is_row(const struct header *header, const struct delimiter *delimiter,
                         const char *line, size_t size);

#endif
