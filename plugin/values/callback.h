/* The Perl functions that the classification of fields calls (AWStats::CloudFront::Native), which
 * call AWStats' own functions, lists and patterns. */
#ifndef PLUGIN_VALUES_CALLBACK_H
#define PLUGIN_VALUES_CALLBACK_H

/* A function and, in the comment, its arguments and results.  A function that the configuration
 * makes unnecessary is missing. */
enum callback {
    CALLBACK_VHOST,         /* (name): whether its records are counted */
    CALLBACK_URL,           /* (stem, query): URL_..., page, path, error key, file type, worm;
                               () for an unsupported URL */
    CALLBACK_HOST_LISTS,    /* (host): HOST_... */
    CALLBACK_COUNTRY,       /* (address): domain */
    CALLBACK_AGENT_LISTS,   /* (agent): whether its records are dropped */
    CALLBACK_REFERER_LISTS, /* (referrer): whether its records are dropped */
    CALLBACK_PHRASE,        /* (referrer, search engine): key phrase; () for none */
    CALLBACK_STATUS,   /* (status): whether it is valid, code in the table of error pages, '1' or
                               '0' for each extra section; () for an unsupported status */
    CALLBACK_TIME,     /* (year, month, day, hour, minute): the same, changed by the timezone
                               plugin; () for an unsupported time */
    CALLBACK_HOUR,     /* (year, month, day, hour): its start, seconds since 1970; () for an hour
                               of another length than 3600 seconds */
    CALLBACK_SESSION,  /* (start, end): name of the range of visit lengths */
    CALLBACK_PATTERN,  /* (number, text): the row, '' for a condition met; () for no match */
    CALLBACK_SECTIONS, /* (address): nothing; section plugins of AWStats count a hit of it */
    CALLBACKS
};

#endif
