/* The class of a URL: path and query of a request. */
#ifndef PLUGIN_VALUES_URL_H
#define PLUGIN_VALUES_URL_H

#include <stdbool.h>

#include "awstats/counters.h"
#include "tables/tables.h"
#include "normalized/record.h"
#include "values/field_class.h"

struct counted_name;

enum {
    URL_DROPPED = 1, /* by SkipFiles or OnlyFiles */
    URL_PAGE = 2,
    URL_FAVICON = 4,
    URL_ROBOTS_TXT = 8,
    URL_DOWNLOAD = 16,    /* its file type is one that AWStats tracks downloads of */
    URL_NO_DOWNLOAD = 32, /* but its path ends like robots.txt */
    URL_OWN_QUERY = 64,   /* its path itself has a query */
};

struct url {
    struct field_class class; /* its entry's key is "PATH", with URLWithQuery "PATH TAB QUERY" */
    bool classified, unsupported;
    unsigned is;   /* URL_... */
    SV *path;      /* without a query; this and the next two: NULL if it is the key of its entry */
    SV *error_key; /* in the table of error pages */
    SV *page_key;  /* in the table of pages */
    struct counted_name *file_type;
    struct counted_name *worm;       /* NULL: none */
    struct row_place page, download; /* in the tables of pages, and of downloads by PATH */
};

/* Returns one of these texts, which are strings. */
static inline struct field url_text(const struct url *url, const SV *text)
{
    const struct entry *entry = &url->class.entry;
    if (!text)
        return (struct field){entry->key, entry->size};
    return (struct field){SvPVX_const(text), SvCUR(text)};
}

#endif
