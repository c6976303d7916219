/* The class of a client's host: its address. */
#ifndef PLUGIN_VALUES_HOST_H
#define PLUGIN_VALUES_HOST_H

#include <stdbool.h>

#include "awstats/counters.h"
#include "tables/tables.h"
#include "values/field_class.h"

struct counted_name;
struct values;

/* The lists SkipHosts, OnlyHosts and OnlyUsers, if they match. */
enum { HOST_SKIPPED = 1, HOST_ONLY = 2, HOST_USER = 4 };

struct host {
    struct field_class class;
    bool lists_known, domain_known, unsupported;
    unsigned lists; /* HOST_... */
    struct counted_name *domain;
    struct row_place row; /* in the table of hosts */
};

/* Finds the lists that match a host.  Returns false if perl's thread must do it. */
bool values_host_lists(pTHX_ struct values *values, struct host *host);

/* Whether the text of a client is an IP address.  AWStats changes other texts before it counts them. */
bool values_is_address(struct field host);

/* Finds a host's domain.  False if the host is unsupported, so that AWStats must count its records; or if perl's
 * thread must find the domain. */
bool values_host_domain(pTHX_ struct values *values, struct host *host);

#endif
