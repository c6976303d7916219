/* The place that every record reaches which awstats.pl has counted (delegated.h); those that count.c counts end in
 * count_record().  Whoever must see all counted records is called at both places.
 *
 * The first to be called evens out the bytes of partial downloads (for count.c: counters_even_out()). */
#ifndef PLUGIN_LOOP_COUNTED_H
#define PLUGIN_LOOP_COUNTED_H

#include "awstats/variables.h"

/* What a record was counted as. */
enum counted_as {
    COUNTED_VIEWED,
    COUNTED_PARTIAL, /* viewed: a partial download, which is no hit */
    COUNTED_ERROR,
    COUNTED_OTHER, /* not viewed, and no error: a robot, a worm, a favicon */
};

struct counted_record {
    const char *line; /* as the log has it, LF and all */
    size_t size;
    enum counted_as as;
    SV *day;       /* YYYYMMDD, key of %DayBytes */
    unsigned hour; /* 0 to 23 */
    UV excess; /* bytes that AWStats added to day and hour beyond those of the record's traffic */
};

struct counted {
    HV *day_bytes, *day_hits;
    AV *hour_bytes;
    bool partial_once; /* the bytes of a partial download are counted once */
};

/* VARIABLES must have %DayBytes, %DayHits and @_time_k. */
void counted_init(struct counted *counted, const struct variables *variables, bool partial_once);

/* Whether anybody wants to be told of a record of this status, three bytes; asked only before
 * awstats.pl gets a record, where finding out what it did takes time. */
bool counted_wants(const struct counted *counted, const char *status);

/* Call when a record was counted. */
void counted_tell(pTHX_ const struct counted *counted, const struct counted_record *record);

#endif
