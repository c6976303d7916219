/* Leaves out the records of hosts that the setting "host" does not name. */
#ifndef LOG_HOSTS_H
#define LOG_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/event.h"
#include "normalized/field.h"

/* Room for a host in a message. */
enum { HOSTS_NAME_SIZE = 80 };

/* The records of an object that are left out, or those of some kind. */
struct hosts_left_out {
    uint64_t records;
    char first[HOSTS_NAME_SIZE]; /* the host of the first one, or the start of its name */
};

struct hosts {
    struct hosts_left_out left_out;
    struct hosts_left_out lacking; /* those of them whose log lacks the column of the host */
    const char *column;            /* this column of the first one: a constant text */
};

/* Whether the records of a host are read: one of PATTERNS fits (pattern_list_fits()).  Counts those that are not.
 * LACKING is the column of the host if the log lacks this column, or NULL; then HOST is another one. */
bool hosts_take(struct hosts *hosts, const char *patterns, struct field host, const char *lacking);

/* The same for an event of a streaming log: its host is in a URL. */
bool hosts_take_event(struct hosts *hosts, const char *patterns, const struct event *event);

#endif
