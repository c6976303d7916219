/* The hosts that the sampled logs of a site name. */
#ifndef COMMANDS_CHECK_HOSTS_H
#define COMMANDS_CHECK_HOSTS_H

#include <stdint.h>

#include "config/site.h"
#include "memory/table.h"

struct check_host {
    struct entry entry; /* its name */
    uint64_t records;
};

struct check_hosts {
    struct table table; /* of struct check_host */
    uint64_t records;   /* of all hosts */
    uint64_t patch;     /* records with the method PATCH */
    uint64_t others;    /* records of hosts that the setting host does not name; not among those */
    char *other;        /* the first of these hosts; NULL: there is none */
};

/* Adds the records, or views, in the first SIZE bytes of a log; bytes that are no log add none. */
void check_hosts_add(struct check_hosts *hosts, const struct site *site, const void *data,
                     size_t size);

void check_hosts_free(struct check_hosts *hosts);

#endif
