/* What the parts of the update loop share: deciding what becomes of a record (decide.c), counting
 * it (count.c), both for visits (visits.c) and for extra sections (sections.c), and what goes
 * between awstats.pl and all that (loop.c). */
#ifndef PLUGIN_LOOP_INTERNAL_H
#define PLUGIN_LOOP_INTERNAL_H

#include "awstats/counters.h"
#include "loop/loop.h"
#include "feed/record.h"
#include "awstats/pattern_list.h"
#include "values/values.h"

/* Where a viewer came from, as AWStats numbers it. */
enum origin { ORIGIN_DIRECT, ORIGIN_UNKNOWN, ORIGIN_ENGINE, ORIGIN_LINK, ORIGIN_OWN };

/* An extra section of the configuration. */
struct section {
    unsigned *condition, *row; /* numbers of patterns; the first that matches counts */
    unsigned conditions, rows;
    bool pages, bytes, last;
    HV *hash[SLOTS];
    struct table names; /* of struct name: its rows */
};

/* Variables of awstats.pl that live from record to record; the last three are lexicals. */
struct awstats {
    SV *lines, *new_lines, *old_lines, *dropped_lines;
    SV *last_line, *new_phase, *tomorrow, *tolerance, *agent;
    SV *since_flush, *next_offset, *break_time;
};

/* Lists that AWStats searches for a value that it has not met: a user agent, a referring server. */
enum searched { SEARCHED_ROBOTS, SEARCHED_BROWSERS, SEARCHED_OSES, SEARCHED_ENGINES, SEARCHED };

struct update_loop {
    struct variables variables;
    struct counters *counters;
    struct values *values;
    struct search_list *searched[SEARCHED]; /* narrowed when a record is left to awstats.pl */
    struct awstats awstats;

    bool web; /* LogType=W; else S */
    bool file_types, robots, referers;
    bool partial_once; /* counts the bytes of a partial download once, where AWStats does twice */
    bool error_referers, error_hosts;
    bool sizes;          /* has a table of sizes: since AWStats 7.9 */
    bool queries_matter; /* to an extra section */
    UV visit_timeout, rows_max;
    unsigned host_lists; /* HOST_...: which there are */
    struct section *section;
    unsigned sections;
    struct name **row; /* of each section, for the record at hand */
    SV *download_hits, *download_size, *download_partial;

    /* From loop_enter() to loop_leave(): */
    UV last_line, tomorrow, break_time, since_flush;
    NV tolerance;
    bool new_phase;
    struct item break_item;
    UV lines, new_lines, old_lines, dropped_lines; /* to be added to those of AWStats */

    size_t since_look; /* bytes of records */
    uint64_t seen[LOOP_REASONS];
};

enum action { DROP, PASS_OLD, COUNT };

/* What becomes of a record that is counted: all that AWStats has charts of. */
enum outcome { VIEWED, FAVICON, WORM, ERROR, ROBOT, ROBOTS_TXT, PARTIAL };

enum visit {
    NO_VISIT,
    FIRST_VISIT,
    SECOND_VISIT,
    NEXT_VISIT,
    LATER_IN_VISIT,
    AS_LATE,
    EARLIER,
    WITHIN_VISIT
};

/* All that has to be known of a record to count it. */
struct decision {
    struct record record;
    UV time; /* YYYYMMDDhhmmss */
    UV bytes;
    enum action action;
    enum outcome outcome;
    bool partial; /* part of a download, whoever wanted it */
    enum visit visit;
    enum origin origin;
    struct moment *moment;
    struct status *status;
    struct vhost *vhost;
    struct url *url;
    struct host *host;
    struct agent *agent;
    struct referer *referer;
};

/* Decides.  LOOP_NATIVE: the record can be counted, or dropped; else nothing was done about it. */
enum loop_reason decide(pTHX_ struct update_loop *loop, struct decision *d);
enum loop_reason decide_visit(pTHX_ struct update_loop *loop, struct decision *d);
enum loop_reason decide_sections(pTHX_ struct update_loop *loop, struct decision *d);

/* Counts what was decided. */
void count(pTHX_ struct update_loop *loop, const struct decision *d);
void count_visit(pTHX_ struct update_loop *loop, const struct decision *d);
void count_sections(pTHX_ struct update_loop *loop, const struct decision *d);

/* Extra sections, from their settings. */
void sections_init(pTHX_ struct update_loop *loop, AV *settings);
void sections_free(struct update_loop *loop);

static inline bool is_page(const struct decision *d)
{
    return d->url->is & URL_PAGE;
}

static inline void set_time(pTHX_ SV *sv, UV time)
{
    sv_setiv(sv, (IV)time);
}

/* ITEM++ and ITEM += BYTES in a hash of a tally. */
static inline void count_in(pTHX_ struct update_loop *loop, struct item *item, enum tally tally,
                            unsigned slot)
{
    count_one(aTHX_ counter(aTHX_ loop->counters, item, tally, slot));
}

static inline void add_to(pTHX_ struct update_loop *loop, struct item *item, enum tally tally,
                          UV bytes)
{
    count_add(aTHX_ counter(aTHX_ loop->counters, item, tally, BYTES), bytes);
}

#endif
