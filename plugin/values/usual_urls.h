/* Usual URLs: their class depends on nothing but the file type. */
#ifndef PLUGIN_VALUES_USUAL_URLS_H
#define PLUGIN_VALUES_USUAL_URLS_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"

#include <stdbool.h>

#include "normalized/record.h"

/* What makes a URL unusual, from the setting "usual_urls". */
struct usual_urls {
    SV *default_file; /* DefaultFile; NULL: the class of each URL depends on more than its type */
    SV *tracker;      /* how the URL of the misc tracker begins */
    UV longest;       /* bytes; AWStats shortens the names of longer error pages */
};

struct usual_urls usual_urls_new(pTHX_ HV *settings);
void usual_urls_free(pTHX_ const struct usual_urls *usual);

/* Returns whether a URL is a usual one, and stores its file type, which points into the URL. */
bool usual_urls_has(const struct usual_urls *usual, struct field url, struct field *type);

#endif
