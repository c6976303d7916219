/* AWStats' counters that do not grow with a site, changed as its update loop changes them: the same
 * keys, the same numbers.
 *
 * AWStats has several hashes with the same keys: pages of domains, hits of domains, their bytes.
 * Such hashes are the columns of a group here.  A counter key is one key of a group; it remembers
 * where its numbers are, until AWStats empties its hashes: then call counters_forget(). */
#ifndef PLUGIN_AWSTATS_COUNTERS_H
#define PLUGIN_AWSTATS_COUNTERS_H

#include "awstats/variables.h"

/* The columns of most groups. */
enum { PAGES, HITS, BYTES, LAST, GROUP_COLUMNS };

/* The groups; in brackets the columns of those that have others than the above. */
enum hash_group {
    GROUP_DAY,    /* [DAY_VISITS] */
    GROUP_PERIOD, /* [PERIOD_...] */
    GROUP_DOMAIN,
    GROUP_FILE_TYPE,
    GROUP_ROBOT, /* [ROBOT_TXT] */
    GROUP_BROWSER,
    GROUP_OS,
    GROUP_ENGINE,
    GROUP_ERROR,
    GROUP_EDGE,
    GROUP_WORM,
    GROUP_SESSION,
    GROUP_MISC,
    GROUP_SIZE,
    GROUPS
};
enum { DAY_VISITS = LAST };
enum { PERIOD_FIRST, PERIOD_LAST };
enum { ROBOT_TXT = PAGES };

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

/* Finds a key's number, which counters_number() does not know; its slow path. */
SV *counters_find(pTHX_ const struct counters *counters, struct counter_key *key, HV *hash,
                  unsigned column);

/* Whether the hashes are known to have a key's number in a column. */
static inline bool counters_is_known(const struct counters *counters, const struct counter_key *key,
                                     unsigned column)
{
    return key->generation == counters->generation && key->sv[column];
}

/* Returns a key's number in a column of a group.  It stays the hash's, which gets a new one
 * (undefined, as Perl would make it) if it has none. */
static inline SV *counters_number(pTHX_ const struct counters *counters, struct counter_key *key,
                                  enum hash_group group, unsigned column)
{
    if (counters_is_known(counters, key, column))
        return key->sv[column];
    return counters_find(aTHX_ counters, key, counters->hash[group][column], column);
}

/* Return a number of an array, as counters_number() does. */
SV *counters_of_hour(pTHX_ struct counters *counters, enum hourly what, unsigned hour);
SV *counters_of_origin(pTHX_ struct counters *counters, unsigned column, unsigned origin);

/* Whether a number can be a time as AWStats keeps it, YYYYMMDDhhmmss. */
static inline bool counters_is_time(UV number)
{
    return number >= 10000101000000 && number <= 99991231235959;
}

/* Reads a time as AWStats keeps it.  False if the scalar has none. */
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
void counters_add_signed(pTHX_ SV *sv, IV amount);

/* Reads a number; false if it is no whole one. */
bool counters_read_whole(pTHX_ SV *sv, int64_t *number);

#endif
