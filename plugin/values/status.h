/* The class of a status code. */
#ifndef PLUGIN_VALUES_STATUS_H
#define PLUGIN_VALUES_STATUS_H

#include <stdbool.h>

#include "awstats/counters.h"
#include "tables/tables.h"

enum { STATUS_CODES = 1000 };

struct status {
    bool classified, unsupported;
    bool valid;                 /* in ValidHTTPCodes */
    SV *trapped;                /* code of error pages; NULL: there are none of it */
    struct error_pages *pages;  /* of that code; NULL: not looked up yet */
    char *in_section;           /* '1' or '0' for each extra section */
    struct counter_key counter; /* in the table of errors */
};

#endif
