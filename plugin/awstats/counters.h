/* AWStats' counters, changed as its update loop changes them: the same keys, the same numbers,
 * added in the same order.
 *
 * AWStats has several hashes with the same keys: pages of hosts, hits of hosts, bytes of hosts.
 * Such hashes are the columns of a group here.  A counter key is one key of a group; it remembers
 * where its numbers are, until AWStats empties its hashes: then call counters_forget(). */
#ifndef PLUGIN_AWSTATS_COUNTERS_H
#define PLUGIN_AWSTATS_COUNTERS_H

#include "awstats/variables.h"

/* The columns of most groups. */
enum { PAGES, HITS, BYTES, LAST, GROUP_COLUMNS };

/* The groups; in brackets the columns of those that have others than the above. */
enum hash_group {
    GROUP_HOST,
    GROUP_VISIT,   /* [VISIT_...] */
    GROUP_WAITING, /* [WAITING_...] */
    GROUP_URL,     /* [URL_...] */
    GROUP_DAY,     /* [DAY_VISITS] */
    GROUP_PERIOD,  /* [PERIOD_...] */
    GROUP_DOMAIN,
    GROUP_FILE_TYPE,
    GROUP_ROBOT, /* [ROBOT_TXT] */
    GROUP_BROWSER,
    GROUP_OS,
    GROUP_UNKNOWN_AGENT, /* [UNKNOWN_...] */
    GROUP_ENGINE,
    GROUP_PAGE_REFERER,
    GROUP_ERROR,
    GROUP_EDGE,
    GROUP_WORM,
    GROUP_SESSION,
    GROUP_MISC,
    GROUP_SIZE,
    GROUP_PHRASE,
    GROUPS
};
enum { VISIT_LAST, VISIT_START, VISIT_URL };
enum { WAITING_ENTRY, WAITING_LAST, WAITING_START, WAITING_URL };
enum { URL_ENTRY = HITS, URL_EXIT = LAST };
enum { DAY_VISITS = LAST };
enum { PERIOD_FIRST, PERIOD_LAST };
enum { ROBOT_TXT = PAGES };
enum { UNKNOWN_BROWSER, UNKNOWN_OS };

/* Arrays of numbers by hour: viewed traffic, and traffic that AWStats calls "not viewed". */
enum hourly {
    HOUR_PAGES,
    HOUR_HITS,
    HOUR_BYTES,
    HOUR_OTHER_PAGES,
    HOUR_OTHER_HITS,
    HOUR_OTHER_BYTES,
    HOURLY
};

enum { HOURS = 24, ORIGINS = 6 };

struct counters {
    unsigned generation; /* never 0 */
    HV *hash[GROUPS][GROUP_COLUMNS];
    AV *hourly[HOURLY];
    AV *origin[2]; /* PAGES and HITS by kind of referrer */
    HV *downloads, *error_url, *error_referer, *error_host;
    SV *hourly_sv[HOURLY][HOURS], *origin_sv[2][ORIGINS];
    unsigned array_generation;
};

/* A key of a group.  Zero but for the key at first. */
struct counter_key {
    SV *key;
    unsigned generation;
    SV *sv[GROUP_COLUMNS];
};

/* Takes the counters among AWStats' variables, which must stay as long as these. */
void counters_init(struct counters *counters, const struct variables *variables);

/* Forgets where all numbers are. */
void counters_forget(struct counters *counters);

struct counter_key counters_key_new(pTHX_ const char *key, size_t size);
void counters_key_free(pTHX_ struct counter_key key);

/* Finds a key's number, which counters_number_in() does not know; its slow path. */
SV *counters_find(pTHX_ const struct counters *counters, struct counter_key *key, HV *hash,
                  unsigned column);

/* Whether the hashes are known to have a key's number in a column. */
static inline bool counters_is_known(const struct counters *counters, const struct counter_key *key,
                                     unsigned column)
{
    return key->generation == counters->generation && key->sv[column];
}

/* Returns a key's number in a column of these hashes: those of an extra section, for one.  It stays
 * the hash's, which gets a new one (undefined, as Perl would make it) if it has none. */
static inline SV *counters_number_in(pTHX_ const struct counters *counters, struct counter_key *key,
                                     HV *const *hash, unsigned column)
{
    if (counters_is_known(counters, key, column))
        return key->sv[column];
    return counters_find(aTHX_ counters, key, hash[column], column);
}

/* Returns a key's number in a column of the hashes of a group. */
static inline SV *counters_number(pTHX_ const struct counters *counters, struct counter_key *key,
                                  enum hash_group group, unsigned column)
{
    return counters_number_in(aTHX_ counters, key, counters->hash[group], column);
}

/* Returns a key's number in a column; NULL if it is missing. */
SV *counters_number_if_any(pTHX_ const struct counters *counters, struct counter_key *key,
                           enum hash_group group, unsigned column);

/* Return a number of an array, as counters_number() does. */
SV *counters_of_hour(pTHX_ struct counters *counters, enum hourly what, unsigned hour);
SV *counters_of_origin(pTHX_ struct counters *counters, unsigned column, unsigned origin);

/* Returns the number of a hash's keys. */
static inline size_t counters_keys(pTHX_ HV *hash)
{
    return HvTOTALKEYS(hash) - (size_t)HvPLACEHOLDERS_get(hash);
}

/* Returns $hash{KEY}{NAME}; makes it if it is missing. */
SV *counters_below(pTHX_ HV *hash, SV *key, SV *name);

/* Reads a time as AWStats keeps it, YYYYMMDDhhmmss.  False if the scalar has none. */
bool counters_read_time(pTHX_ SV *sv, UV *time);

/* Whether a scalar is a whole number and nothing else, not even a string that looked like one; and
 * so far from IV_MAX that Perl would not continue in floating point. */
static inline bool counters_is_plain(const SV *sv)
{
    const U32 kinds =
        SVf_IOK | SVf_NOK | SVf_POK | SVf_ROK | SVp_IOK | SVp_NOK | SVp_POK | SVf_IVisUV | SVs_GMG;
    return (SvFLAGS(sv) & kinds) == (SVf_IOK | SVp_IOK) && SvIVX(sv) >= 0 && SvIVX(sv) < IV_MAX / 2;
}

/* Calculate $sv++, $sv += AMOUNT and $sv -= AMOUNT, as Perl does. */
static inline void counters_increment(pTHX_ SV *sv)
{
    if (counters_is_plain(sv))
        SvIV_set(sv, SvIVX(sv) + 1);
    else
        sv_inc(sv);
}
void counters_add_otherwise(pTHX_ SV *sv, UV amount); /* the rare cases of counters_add() */
static inline void counters_add(pTHX_ SV *sv, UV amount)
{
    if (counters_is_plain(sv) && amount < IV_MAX / 2)
        SvIV_set(sv, SvIVX(sv) + (IV)amount);
    else
        counters_add_otherwise(aTHX_ sv, amount);
}
void counters_subtract(pTHX_ SV *sv, UV amount);

#endif
