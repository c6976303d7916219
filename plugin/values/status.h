/* The class of a status code. */
#ifndef PLUGIN_VALUES_STATUS_H
#define PLUGIN_VALUES_STATUS_H

#include <stdbool.h>

#include "awstats/counters.h"

enum { STATUS_CODES = 1000 };

struct status {
    bool classified, unsupported;
    bool valid;                 /* in ValidHTTPCodes */
    SV *trapped;                /* code in the table of error pages; NULL: not in it */
    char *in_section;           /* '1' or '0' for each extra section */
    struct counter_key counter; /* in the table of errors */
};

#endif
