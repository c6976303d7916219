/* Logs with a #Fields header, or a line of names in its place (log/names.h): CloudFront's standard logs of every era,
 * download and streaming, and normalized logs (log/normalized_log.h).  The header may change inside an object. */
#ifndef LOG_W3C_H
#define LOG_W3C_H

#include "log/format.h"

extern const struct format w3c_format;

/* Whether a row is of the header that is kept. */
bool w3c_resumes(const struct log *log, const char *line, size_t size);

#endif
