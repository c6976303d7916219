/* Finds data that was joined to the text of a log, as by "cat a.log b.gz". */
#ifndef LOG_JOINED_H
#define LOG_JOINED_H

#include <stddef.h>

/* Returns the error of a malformed line in which compressed data or a Parquet file begins: a constant text; NULL
 * when none does. */
const char *joined_find(const char *line, size_t size);

#endif
