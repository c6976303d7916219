/* What the files of values/ share. */
#ifndef PLUGIN_VALUES_INTERNAL_H
#define PLUGIN_VALUES_INTERNAL_H

#include "values/numbered.h"
#include "values/usual_urls.h"
#include "values/values.h"

/* Ranges of visit lengths and of sizes (@SessionsRange, @PayloadRange). */
enum { RANGES = 7 };

/* An hour of local time. */
struct local_hour {
    struct entry entry;
    bool known, unsupported; /* unsupported: of another length than 3600 seconds */
    IV start;                /* seconds since 1970 */
};

struct values {
    bool is_alone;           /* another thread than perl's finds classes */
    unsigned generation;     /* of AWStats' memory of servers; never 0 */
    SV *callback[CALLBACKS]; /* NULL: missing */
    bool separator[256];     /* URLQuerySeparators */
    bool url_with_query, referer_with_query, decode_agents, browsers, oses;
    struct usual_urls usual;
    UV period_divisor; /* of YYYYMMDDhhmmss: leaves the digits that DatabaseBreak tells apart */
    SV *session_range[RANGES], *size_range[RANGES];
    struct counted_name *session[RANGES]; /* of session_range; NULL: not looked up */

    struct numbered numbered; /* entries of the tables that follow */
    struct table vhosts, urls, hosts, agents, referers, servers, moments, hours;
    struct table url_types; /* of struct url: one for each file type of usual URLs */
    struct table names[NAME_KINDS];
    struct table plain[PATTERN_FIELDS]; /* of fields that have no table above */
    struct status status[STATUS_CODES];
    struct pattern *pattern; /* all, in the order of their numbers */
    unsigned patterns, patterns_of[PATTERN_FIELDS];
    unsigned *url_row, url_rows; /* the index of each pattern that finds rows in URLs */
    HV *robot_of, *browser_of, *os_of, *server_of; /* AWStats' memory */
    HV *engines_without_query;
    char *scratch;
    size_t scratch_size;
};

/* ---- callbacks (callback.c) ---- */

/* Takes the functions from the setting "callbacks"; croaks if a required one is missing. */
void values_take_callbacks(pTHX_ SV *callback[CALLBACKS], HV *settings);

/* Calls a callback that is not missing, with arguments that are mortal or stay.  Its results are
 * valid until values_call_end(), which must follow. */
SV **values_call(pTHX_ const struct values *values, enum callback callback, SV **argument,
                 unsigned arguments, unsigned *results);
void values_call_end(pTHX);

/* Returns a callback's first result for an entry's key, as a truth. */
bool values_call_flag(pTHX_ const struct values *values, enum callback callback,
                      const struct entry *entry);

/* Returns a mortal scalar. */
SV *values_text(pTHX_ const char *text, size_t size);

/* ---- tables (values.c, names.c) ---- */

/* Returns the entry of a key, as table_get() does, but never NULL. */
static inline void *values_entry(const struct values *values, struct table *table, const char *key,
                                 size_t size)
{
    void *entry = table_get(table, key, size);
    if (!entry)
        values_no_memory(values);
    return entry;
}

/* Returns the entry of a record's value, of the table of a column. */
static inline void *values_entry_of(struct values *values, struct table *table,
                                    const struct record *record, enum column column)
{
    void *entry = numbered_get(&values->numbered, table, record, column);
    if (!entry)
        values_no_memory(values);
    return entry;
}

struct counted_name *values_name_of(pTHX_ struct values *values, enum name_kind kind, SV *sv);

/* ---- AWStats' memory (values.c) ---- */

/* Returns what AWStats remembers of a key; NULL if that is nothing, or false. */
SV *values_remembered(pTHX_ HV *memory, SV *key);

/* Whether what it remembers is one character, by which AWStats says "none" or the like. */
bool values_is_character(pTHX_ SV *sv, char c);

/* ---- releasing entries, for table_clear(); CONTEXT is the interpreter ---- */

void values_release_vhost(void *entry, void *context);
void values_release_url(void *entry, void *context);
void values_release_host(void *entry, void *context);
void values_release_agent(void *entry, void *context);
void values_release_referer(void *entry, void *context);
void values_release_moment(void *entry, void *context);
void values_release_plain(void *entry, void *context);
void values_release_name(void *entry, void *context);
void values_release_status(pTHX_ struct status *status);

#endif
