/* The class of a referrer, and of the server that a referring link names. */
#ifndef PLUGIN_VALUES_REFERER_H
#define PLUGIN_VALUES_REFERER_H

#include <stdbool.h>

#include "awstats/counters.h"
#include "tables/tables.h"
#include "values/field_class.h"

struct counted_name;
struct values;

struct server {
    struct entry entry;
    bool known, own;
    struct counted_name *engine; /* a search engine; NULL: none */
    bool phrase_in_path;         /* its URLs have key phrases outside of queries */
    unsigned
        delegated; /* generation of AWStats' memory in which it got a record of the server; 0: none */
};

enum referer_kind { REFERER_UNSUPPORTED, REFERER_DIRECT, REFERER_OTHER, REFERER_LINK };

struct referer {
    struct field_class class;
    bool classified;
    bool dropped; /* by SkipReferrers */
    enum referer_kind kind;
    bool has_query;
    struct server *server; /* of a link */
    size_t page_size;      /* of a link: so much of its key is that of the page */
    struct row_place page;
    bool phrase_known;
    SV *phrase; /* of a link from a search engine; NULL: none */
    struct row_place phrase_row;
};

/* Whether AWStats has found out by now what kind of server it is.  In another thread than perl's: whether this is
 * known. */
bool values_server(pTHX_ struct values *values, struct server *server);

/* Tells that AWStats gets a record of a server. */
void values_server_delegated(const struct values *values, struct server *server);

/* Finds the key phrase of a referrer from a search engine.  Returns false if perl's thread must do it. */
bool values_phrase(pTHX_ struct values *values, struct referer *referer);

#endif
