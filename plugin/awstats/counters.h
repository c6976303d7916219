/* AWStats' counters that do not grow with a site, under AWStats' own keys.
 *
 * AWStats has several hashes with the same keys: pages of domains, hits of domains, their bytes.
 * Such hashes are the columns of a group here.  A counter key is one key of a group, and has the
 * numbers that were counted under it.  counters_give() adds these numbers to AWStats' own.
 *
 * All functions but those of counter keys and counters_give() are pure C, and may run in any thread. */
#ifndef PLUGIN_AWSTATS_COUNTERS_H
#define PLUGIN_AWSTATS_COUNTERS_H

#include <stdint.h>

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
enum { PERIOD_FIRST, PERIOD_LAST }; /* times of page views, YYYYMMDDhhmmss as all times */
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

/* A key of a group.  Zero but for the key at first. */
struct counter_key {
    SV *key;
    struct counter_key *next; /* in the list of keys with numbers */
    bool is_listed;
    enum hash_group group; /* this and the next two members: while the key is listed */
    uint8_t columns;       /* bits: those with a number, which may be 0 */
    bool is_evened_out;
    uint64_t number[GROUP_COLUMNS]; /* signed in two's complement, where bytes are subtracted */
};

/* The numbers of an array. */
struct counter_array {
    uint32_t places; /* bits: those with a number */
    uint64_t number[HOURS];
};

struct counters {
    struct counter_key *keys; /* those with numbers */
    struct counter_array hourly[HOURLY];
    struct counter_array origin[2]; /* PAGES and HITS by kind of referrer */
};

/* Return a key, and free it.  A key that is freed must have no numbers. */
struct counter_key counters_key_new(pTHX_ const char *key, size_t size);
void counters_key_free(pTHX_ struct counter_key key);

/* Puts a key in the list; only for the functions that follow. */
void counters_list(struct counters *counters, struct counter_key *key, enum hash_group group);

/* Adds to the number of a key of GROUP, which is always the same for a key. */
static inline void counters_add(struct counters *counters, struct counter_key *key,
                                enum hash_group group, unsigned column, uint64_t amount)
{
    if (!key->is_listed)
        counters_list(counters, key, group);
    key->columns |= (uint8_t)(1U << column);
    key->number[column] += amount;
}

/* Sets the time of the last record, in place of the one before. */
static inline void counters_set_last(struct counters *counters, struct counter_key *key,
                                     enum hash_group group, unsigned column, uint64_t time)
{
    counters_add(counters, key, group, column, time - key->number[column]);
}

/* Sets the time of the first record, if there is none. */
static inline void counters_set_first(struct counters *counters, struct counter_key *key,
                                      enum hash_group group, unsigned column, uint64_t time)
{
    if (!key->number[column])
        counters_set_last(counters, key, group, column, time);
}

/* Add to a number of an array. */
static inline void counters_add_at(struct counter_array *array, unsigned place, uint64_t amount)
{
    array->places |= UINT32_C(1) << place;
    array->number[place] += amount;
}

/* Subtracts bytes that AWStats counts twice from a day and an hour.  AWStats writes and adds up only
 * days that have a number of hits: a day with bytes gets one, which may be 0. */
void counters_even_out(struct counters *counters, struct counter_key *day, unsigned hour,
                       uint64_t bytes);

/* AWStats' variables with these numbers. */
struct counter_variables {
    HV *hash[GROUPS][GROUP_COLUMNS];
    AV *hourly[HOURLY], *origin[2];
};

/* Takes the variables among AWStats', which must stay as long as these. */
void counters_find_variables(struct counter_variables *of_counters,
                             const struct variables *variables);

/* Which of two times stays in AWStats' variables: the one that is given last, or the one that is
 * the latest (or, where it is that of the first record, the earliest). */
enum given_times { GIVEN_TIMES_REPLACE, GIVEN_TIMES_ARE_SORTED };

/* Returns AWStats' number of a key in a column. */
SV *counters_variable(pTHX_ const struct counter_variables *of_counters,
                      const struct counter_key *key, enum hash_group group, unsigned column);

/* Adds all numbers to AWStats' variables, as its update loop would have done; no key has numbers then. */
void counters_give(pTHX_ struct counters *counters, const struct counter_variables *to,
                   enum given_times times);

#endif
