/* Logs without a header: standard logs v2 in the formats plain and raw, real-time logs, and logs that have
 * lost their header, as behind AWStats' logresolvemerge.pl, sort or tail. */
#ifndef LOG_HEADERLESS_H
#define LOG_HEADERLESS_H

#include "log/format.h"

extern const struct format headerless_format;

#endif
