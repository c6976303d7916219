/* Logs with a #Fields header, or a line of names in its place (log/names.h): CloudFront's standard logs of every era,
 * download and streaming, and normalized logs (log/normalized_log.h).  The header may change inside an object.
 *
 * A line that begins with "#" is a directive, but for one case.  The first column of a v2 log may be a text of the
 * visitor, such as the user agent, and raw.  Among the rows of such a log, a line that has a time behind its first
 * delimiter is a row, whatever its first bytes are (log/visitor_text.h): else a visitor could hide his requests
 * behind a "#", replace the header by "#Fields:", or let the log be refused by "#Software:".  CloudFront writes the
 * rest of the row behind the text, so the visitor cannot avoid the time; no directive has one.  The same rule tells
 * rows from JSON objects, and holds for rows without a header that the setting fields describes.  A row that the
 * visitor's text makes unclear is bad. */
#ifndef LOG_W3C_H
#define LOG_W3C_H

#include "log/format.h"

extern const struct format w3c_format;

/* Whether a row is of the header that is kept. */
bool w3c_resumes(const struct log *log, const char *line, size_t size);

#endif
