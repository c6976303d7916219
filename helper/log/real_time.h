/* Real-time logs: rows without a header, or JSON objects.
 *
 * Amazon CloudFront Developer Guide, "Use real-time access logs": the fields have a fixed order whatever
 * the configuration's own; cs-host is the host that the viewer asked for, and x-host-header the
 * distribution, the reverse of standard logs; cs-uri-stem has the query, too. */
#ifndef LOG_REAL_TIME_H
#define LOG_REAL_TIME_H

#include <stdbool.h>
#include <stddef.h>

#include "log/header.h"
#include "log/normalize.h"
#include "log/split.h"

/* Of the columns of rows. */
extern const struct normalize_meaning real_time_meaning;

/* Whether real-time logs alone have a field of this name. */
bool real_time_has_name(const char *name, size_t size);

/* Whether the names of a log are those of a real-time log: one of them is a real-time log's alone, and none is a
 * standard log's alone.  A program may have added a date, or made date and time of the timestamp. */
bool real_time_has_names(const struct header *header);

/* Whether the values of a row with a timestamp are those of a real-time log: the seconds since 1970 have a fraction,
 * unless that is zero (programs write one into any time as 2026-03-10T12:00:00.000Z); the path has the query; the
 * hosts are the reverse of a standard log's.  Any of them may be empty. */
bool real_time_has_values(struct field timestamp, struct field host, struct field host_header,
                          struct field stem);

/* Whether the hosts are those of a standard log: the first one is the distribution's. */
bool real_time_has_other_hosts(struct field host, struct field host_header);

/* Whether the row of a log with this header is a real-time log's, by these values.  In a log with a date or with names
 * of standard logs, a program may have written the fraction of a second. */
bool real_time_has_row(const struct header *header, const struct fields *fields);

/* Makes a header of the NAMES, with spaces, commas or TABs between, in the order of real-time logs.  Names
 * that these do not have come last. */
void real_time_order(struct header *header, const char *names);

/* Adds the query to a header that has it only within the path. */
void real_time_add_query(struct header *header);

/* Cuts the query from the path of a row; it becomes the row's query, if that is absent. */
void real_time_cut_stem(struct fields *fields, const struct header *header);

#endif
