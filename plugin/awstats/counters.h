/* AWStats' own hashes and arrays, counted in as its update loop counts: the same keys, the same
 * numbers, brought in in the same order.
 *
 * AWStats has several hashes with the same keys: hits of hosts, pages of hosts...  Such hashes are
 * a group here, a key of theirs is an item, and an item remembers where its numbers lie.  It
 * remembers in vain once AWStats has emptied its hashes: counters_forget() must be called then. */
#ifndef PLUGIN_AWSTATS_COUNTERS_H
#define PLUGIN_AWSTATS_COUNTERS_H

#include "awstats/variables.h"

/* What most groups count. */
enum { PAGES, HITS, BYTES, LAST, SLOTS };

/* Hashes, by group; in brackets those that are none of the above. */
enum tally {
    TALLY_HOST,
    TALLY_VISIT,   /* [VISIT_...] */
    TALLY_WAITING, /* [WAITING_...] */
    TALLY_URL,     /* [URL_...] */
    TALLY_DAY,     /* [DAY_VISITS] */
    TALLY_BREAK,   /* [BREAK_...] */
    TALLY_DOMAIN,
    TALLY_FILE_TYPE,
    TALLY_ROBOT, /* [ROBOT_TXT] */
    TALLY_BROWSER,
    TALLY_OS,
    TALLY_UNKNOWN_AGENT, /* [UNKNOWN_...] */
    TALLY_ENGINE,
    TALLY_PAGE_REFERER,
    TALLY_ERROR,
    TALLY_EDGE,
    TALLY_WORM,
    TALLY_SESSION,
    TALLY_MISC,
    TALLY_SIZE,
    TALLY_PHRASE,
    TALLIES
};
enum { VISIT_LAST, VISIT_START, VISIT_URL };
enum { WAITING_ENTRY, WAITING_LAST, WAITING_START, WAITING_URL };
enum { URL_ENTRY = HITS, URL_EXIT = LAST };
enum { DAY_VISITS = LAST };
enum { BREAK_FIRST, BREAK_LAST };
enum { ROBOT_TXT = PAGES };
enum { UNKNOWN_BROWSER, UNKNOWN_OS };

/* Arrays of numbers by hour. */
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
    HV *hash[TALLIES][SLOTS];
    AV *hourly[HOURLY];
    AV *origin[2]; /* PAGES and HITS by kind of referer */
    HV *downloads, *error_url, *error_referer, *error_host;
    SV *hourly_sv[HOURLY][HOURS], *origin_sv[2][ORIGINS];
    unsigned array_generation;
};

struct item {
    SV *key;
    unsigned generation;
    SV *sv[SLOTS];
};

/* Takes the counters among AWStats' variables, which must stay as long as these. */
void counters_init(struct counters *counters, const struct variables *variables);
void counters_forget(struct counters *counters);

struct item item_new(pTHX_ const char *key, size_t size);
void item_free(pTHX_ struct item item);

/* The number of an item in a hash of its group, made when it is not there (undefined, as Perl would
 * make it).  It is the hash's. */
SV *counter(pTHX_ struct counters *counters, struct item *item, enum tally tally, unsigned slot);

/* The same, for the hashes that are given. */
SV *counter_in(pTHX_ const struct counters *counters, struct item *item, HV *const *hash,
               unsigned slot);

/* The same, but NULL when it is not there. */
SV *counter_if_any(pTHX_ struct counters *counters, struct item *item, enum tally tally,
                   unsigned slot);

SV *counter_of_hour(pTHX_ struct counters *counters, enum hourly what, unsigned hour);
SV *counter_of_origin(pTHX_ struct counters *counters, unsigned slot, unsigned origin);

/* $hash{KEY}{NAME}, made when it is not there. */
SV *counter_below(pTHX_ HV *hash, SV *key, SV *name);

/* Reads a time as AWStats keeps it, YYYYMMDDhhmmss.  False when it is none. */
bool counter_time(pTHX_ SV *sv, UV *time);

/* Whether it is a whole number and nothing else, not even what it once looked like as a string; and
 * far from where Perl would have to go on in floating point. */
static inline bool is_plain(const SV *sv)
{
    const U32 kinds =
        SVf_IOK | SVf_NOK | SVf_POK | SVf_ROK | SVp_IOK | SVp_NOK | SVp_POK | SVf_IVisUV | SVs_GMG;
    return (SvFLAGS(sv) & kinds) == (SVf_IOK | SVp_IOK) && SvIVX(sv) >= 0 && SvIVX(sv) < IV_MAX / 2;
}

/* $sv++ and $sv += amount, as Perl does them. */
void count_one(pTHX_ SV *sv);
void count_add(pTHX_ SV *sv, UV amount);

#endif
