/* Recognizes objects in the same buckets that hold no requests to CloudFront: the program names them, and passes
 * them over. */
#ifndef LOG_FOREIGN_H
#define LOG_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

struct format;
extern const struct format foreign_format;

/* Returns what an object of no known format seems to be, and what to do: a constant text.  LINE is its
 * first line. */
const char *foreign_unknown(const char *line, size_t size);

/* Returns the kind of file, as in "a CloudTrail log", whose objects or rows alone have a member or column of
 * this name; NULL when there is none. */
const char *foreign_find_name(const char *name, size_t size);

/* The same for files whose other names may all be CloudFront's: logs of Microsoft's IIS, and tables of counts, such as
 * the requests of each path and day.  Counts are never requests. */
const char *foreign_find_other(const char *name, size_t size);

/* Whether a name is s-ip.  Logs of IIS have it, and so have real-time logs: the other names tell. */
bool foreign_may_be_iis(const char *name, size_t size);

/* The kind of logs of IIS. */
extern const char *const foreign_iis;

#endif
