/* Prints how much an update has counted. */
#ifndef UPDATE_RESULT_H
#define UPDATE_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#include "normalized/figures.h"

struct result {
    struct figures figures;
    size_t objects;
    double seconds;
    const char *periods; /* "202610 202611", as AWStats names its history files */
    bool dry_run;
};

/* Prints one line about a site: numbers, time and periods. */
void result_print(const char *site, const struct result *result);

#endif
