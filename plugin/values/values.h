/* What the values of fields mean to AWStats under its configuration, found out once for each.
 *
 * Where patterns, lists or other plugins decide, a Perl function is asked (those of
 * AWStats::CloudFront::Native), which for its part asks AWStats' own functions.  Robots, browsers,
 * operating systems and referring servers are AWStats' to find out: it counts the first record that
 * has one, and its memory (%TmpRobot and the like) is read afterwards.
 *
 * What the functions here return stays valid until values_clear().  They croak when memory has run
 * out. */
#ifndef PLUGIN_VALUES_VALUES_H
#define PLUGIN_VALUES_VALUES_H

#include "awstats/counters.h"
#include "feed/record.h"
#include "values/table.h"

/* What a pattern of an extra section is matched with. */
enum source {
    SOURCE_URL,
    SOURCE_QUERY,
    SOURCE_URL_QUERY,
    SOURCE_REFERER,
    SOURCE_AGENT,
    SOURCE_HOST,
    SOURCE_VHOST,
    SOURCE_EXTRA1,
    SOURCES = SOURCE_EXTRA1 + COLUMN_EXTRAS
};

/* A value, and what each pattern of its source found in it: NULL until it was looked for. */
struct value {
    struct entry entry;
    void **found;
};

/* What AWStats counts under a name: a browser, a file type, a row of an extra section... */
struct name {
    struct entry entry;
    struct item item;
};

enum kind_of_name {
    NAME_DOMAIN,
    NAME_FILE_TYPE,
    NAME_ROBOT,
    NAME_BROWSER,
    NAME_OS,
    NAME_ENGINE,
    NAME_EDGE,
    NAME_WORM,
    NAME_SESSION,
    NAME_MISC,
    NAME_SIZE,
    NAMES
};

struct vhost {
    struct value value;
    bool asked, counted;
};

enum {
    URL_DROPPED = 1,
    URL_PAGE = 2,
    URL_FAVICON = 4,
    URL_ROBOTS_TXT = 8,
    URL_DOWNLOAD = 16,    /* of a file type whose downloads AWStats tracks */
    URL_NO_DOWNLOAD = 32, /* but the end of robots.txt */
    URL_OWN_QUERY = 64,   /* the stem itself has a query */
};

struct url {
    struct value value;
    bool asked, odd; /* odd: for AWStats to judge */
    unsigned is;     /* URL_... */
    SV *path;        /* without a query */
    SV *error_key;   /* as the table of error pages has it */
    struct name *file_type;
    struct name *worm; /* NULL: none */
    struct item item;  /* as the table of pages has it */
};

/* What the lists SkipHosts, OnlyHosts and OnlyUsers have a match for. */
enum { HOST_SKIPPED = 1, HOST_ONLY = 2, HOST_USER = 4 };

struct host {
    struct value value;
    bool lists_asked, asked, odd;
    unsigned lists; /* HOST_... */
    struct name *domain;
    struct item hits, visit, waiting;
};

struct agent {
    struct value value;
    bool asked, dropped, robot_known, viewer_known;
    SV *text;                  /* as AWStats has it */
    struct name *robot;        /* NULL: none */
    struct name *browser, *os; /* NULL: not detected, by configuration */
    bool unknown_browser, unknown_os;
    struct item unknown; /* when either is so */
};

struct server {
    struct entry entry;
    bool known, own;
    struct name *engine;      /* a search engine; NULL: none */
    bool phrase_in_path;      /* has key phrases outside of queries */
    unsigned left_to_awstats; /* in this generation of counters; 0: never */
};

enum referer_kind { REFERER_ODD, REFERER_DIRECT, REFERER_OTHER, REFERER_LINK };

struct referer {
    struct value value;
    bool asked, dropped;
    enum referer_kind kind;
    bool has_query;
    struct server *server; /* of a link */
    struct item page;      /* of a link, as the table of referring pages has it */
    bool phrase_asked;
    struct item phrase; /* of a link from a search engine; no key: none */
};

struct status {
    bool asked, odd, valid;
    SV *trapped;      /* as the table of error pages has it; NULL: it does not */
    char *in_section; /* '1' or '0' for each extra section */
    struct item item;
};

/* An hour of a log, or a minute if AWStats changes times. */
struct moment {
    struct entry entry;
    bool asked, odd;
    UV time;       /* YYYYMMDDhhmmss of its start */
    UV break_time; /* as much of it as DatabaseBreak has */
    unsigned hour;
    struct item day;
};

/* An hour of local time. */
struct hour {
    struct entry entry;
    bool asked, odd; /* odd: has not 3600 seconds */
    IV start;        /* in seconds since 1970 */
};

/* Functions of Perl, by what they are asked.  What has no function need not be asked. */
enum question {
    ASK_VHOST,       /* (name): whether it is counted */
    ASK_URL,         /* (stem, query): URL_..., page, path, error key, file type, worm; () if odd */
    ASK_HOST_LISTS,  /* (host): HOST_... */
    ASK_COUNTRY,     /* (address): domain */
    ASK_AGENT_LISTS, /* (agent): whether it is dropped */
    ASK_REFERER_LISTS, /* (referer): whether it is dropped */
    ASK_PHRASE,        /* (referer, search engine): key phrase; () if none */
    ASK_STATUS,        /* (status): whether it is valid, trapped, in section; () if odd */
    ASK_TIME,          /* (year, month, day, hour, minute): the same, changed; () if odd */
    ASK_HOUR,          /* (year, month, day, hour): its start; () if odd */
    ASK_SESSION,       /* (start, end): range */
    ASK_PATTERN,       /* (number, text): the row, '' for a condition met; () if no match */
    ASK_SECTIONS,      /* (address): nothing; plugins of AWStats count a hit of it */
    QUESTIONS
};

struct pattern {
    enum source source;
    unsigned index;     /* among those of its source */
    struct table *rows; /* of the section whose rows it finds; NULL: it is a condition */
};

struct values {
    const struct variables *variables;
    struct counters *counters;
    SV *ask[QUESTIONS];
    bool separator[256]; /* URLQuerySeparators */
    bool url_with_query, referer_with_query, decode_agents, browsers, oses;
    UV break_divisor; /* of YYYYMMDDhhmmss: leaves what DatabaseBreak tells apart */
    SV *session_range[7], *size_range[7];

    struct table vhosts, urls, hosts, agents, referers, servers, moments, hours;
    struct table names[NAMES];
    struct table plain[SOURCES]; /* struct value: of sources that have no table above */
    struct status status[1000];
    struct pattern *pattern;
    unsigned patterns, patterns_of[SOURCES];
    HV *robot_of, *browser_of, *os_of, *server_of; /* what AWStats remembers */
    HV *engines_without_query;
    char *scratch;
    size_t scratch_size;
};

/* Sets up what was zero but for the patterns, which are the caller's and stay, as do the tables of
 * rows that they name.  SETTING is that of AWStats::CloudFront::Loop; croaks when it is not.  The
 * variables and counters must stay as long as the values. */
void values_init(pTHX_ struct values *values, const struct variables *variables,
                 struct counters *counters, HV *setting);
/* Forgets all values, rows of extra sections too. */
void values_clear(pTHX_ struct values *values);
void values_free(pTHX_ struct values *values);

/* About how much memory it takes, in bytes. */
size_t values_memory(const struct values *values);

struct vhost *values_vhost(pTHX_ struct values *values, const struct field *field);
struct url *values_url(pTHX_ struct values *values, const struct field *stem,
                       const struct field *query);
struct agent *values_agent(pTHX_ struct values *values, const struct field *field);
struct referer *values_referer(pTHX_ struct values *values, const struct field *field);
struct status *values_status(pTHX_ struct values *values, const struct record *record);
struct moment *values_moment(pTHX_ struct values *values, const struct record *record);

/* A host whose domain is not asked for yet, and which lists it is in. */
struct host *values_host(pTHX_ struct values *values, const struct field *field);
unsigned values_host_lists(pTHX_ struct values *values, struct host *host);
/* Finds its domain.  False when the host is odd: for AWStats to judge. */
bool values_host_domain(pTHX_ struct values *values, struct host *host);

/* Whether AWStats knows, by now, which robot it is, if any; which browser and system. */
bool values_agent_robot(pTHX_ struct values *values, struct agent *agent);
bool values_agent_viewer(pTHX_ struct values *values, struct agent *agent);

/* Whether AWStats knows, by now, what kind of server it is. */
bool values_server(pTHX_ struct values *values, struct server *server);

/* The key phrase of a referer from a search engine, or NULL. */
struct item *values_phrase(pTHX_ struct values *values, struct referer *referer);

struct name *values_name(pTHX_ struct values *values, enum kind_of_name kind, const char *text,
                         size_t size);

/* How long a session was, in AWStats' words; START and END are times as AWStats keeps them. */
struct name *values_session(pTHX_ struct values *values, SV *start, SV *end);

/* How large an answer was, in AWStats' words. */
struct name *values_size(pTHX_ struct values *values, UV bytes);

/* A value of a source that is none of the above. */
struct value *values_plain(pTHX_ struct values *values, enum source source, const char *text,
                           size_t size);

/* What a pattern finds in a value whose text is TEXT: the row, a struct name; anything but NULL for
 * a condition that is met; NULL when it does not match. */
void *values_match(pTHX_ struct values *values, unsigned pattern, struct value *value,
                   const char *text, size_t size);

/* Room for SIZE bytes, until the next call. */
char *values_scratch(pTHX_ struct values *values, size_t size);

/* Calls a function with arguments that are mortal or stay, and no answer. */
void values_tell(pTHX_ struct values *values, enum question question, SV *argument);

#endif
