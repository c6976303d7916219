/* What the parts of the update loop share: deciding what becomes of a record (decide.c), counting
 * it (count.c), both for visits (visits.c) and for extra sections (extra_sections.c), all in a lane (lane.c), and the
 * state that goes between awstats.pl and the lanes (loop.c). */
#ifndef PLUGIN_LOOP_INTERNAL_H
#define PLUGIN_LOOP_INTERNAL_H

#include "awstats/counters.h"
#include "awstats/exchange.h"
#include "awstats/pattern_list.h"
#include "awstats/settings.h"
#include "normalized/record.h"
#include "loop/loop.h"
#include "loop/tally.h"
#include "values/values.h"

/* Where a viewer came from, as AWStats numbers it. */
enum origin { ORIGIN_DIRECT, ORIGIN_UNKNOWN, ORIGIN_ENGINE, ORIGIN_LINK, ORIGIN_OWN };

/* The columns that decide the row of an extra section: it has no condition, and its patterns read no others.
 * 0 columns: this is not so.  PLACE: record_number_place() of each; the same twice when there is one column. */
enum { ROW_COLUMNS = 2 };
struct row_columns {
    unsigned columns;
    int place[ROW_COLUMNS];
};

/* The row that columns with these numbers decide (normalized/record.h). */
struct decided_row {
    uint32_t numbering; /* 0: there is none */
    uint32_t number[ROW_COLUMNS];
    struct extra_row *row;
};

enum { ROWS_DECIDED = 128 };

/* Sizes above this are AWStats' to count, so that no sum of ours is beyond its numbers: 1 TiB. */
static const UV LOOP_SIZE_MAX = UINT64_C(1) << 40;

/* An extra section of the configuration. */
struct extra_section {
    struct pattern *condition, *row; /* the first that matches counts */
    unsigned conditions, rows;
    bool pages, bytes, last;
    struct rows *counters; /* its table */
    struct table names;    /* of struct extra_row: its rows */
    struct row_columns decided_by;
    struct decided_row decided[ROWS_DECIDED]; /* of late, by their numbers */
};

/* When AWStats saves in between (saves.c). */
struct saves {
    UV memory;      /* of the counters, bytes: beyond it AWStats saves */
    bool has_limit; /* the command line has -limitflush=LIMIT */
    UV limit;
    SV *awstats_counter, *awstats_limit; /* AWStats tests at the 20,000th record whether it has more
                                            hosts or pages */
    SV *exceeded, *not_exceeded;         /* such a limit */
    UV records;                          /* approved ones since the last test, with has_limit */
    bool is_due, is_told;                /* it is time; AWStats has the limit that is exceeded */
};

/* Variables of awstats.pl that live from record to record; the last two are lexicals. */
struct loop_variables {
    SV *lines, *new_lines, *old_lines, *dropped_lines;
    SV *last_line, *new_phase, *tomorrow, *tolerance;
    SV *next_offset, *period;
};

/* Lists that AWStats searches for a text that it has not met. */
enum searched { SEARCHED_ROBOTS, SEARCHED_BROWSERS, SEARCHED_OSES, SEARCHED_ENGINES, SEARCHED };

/* The hashes of the clients of the next records, for the steps of loop_look_ahead(): a ring. */
enum { AHEAD_HASHES = 32 };
struct ahead {
    unsigned records; /* that were looked at */
    uint32_t hash[AHEAD_HASHES];
};

/* What the configuration and the version of AWStats decide; nothing changes after the start. */
struct rules {
    bool web; /* LogType=W; else S */
    bool file_types, robots, referers;
    bool agent_lists, referer_lists, changes_time, notifies_sections; /* callbacks there are */
    bool error_referers, error_hosts;
    bool counts_late;    /* also records that are older than those of the update before: a batch */
    bool sizes;          /* has a table of sizes: since AWStats 7.9 */
    bool drops_zero;     /* BuildKeyList drops a row whose key is "0": before AWStats 7.9 */
    bool queries_matter; /* to an extra section */
    bool partial_once;   /* the bytes of a partial download are counted once */
    UV visit_timeout, rows_max;
    unsigned host_lists; /* HOST_...: those that are configured */
};

/* AWStats' variables that decide_record() needs, as of loop_enter(). */
struct loop_now {
    UV tomorrow, period;
    NV tolerance;
    bool new_phase;
    bool save_is_due; /* AWStats is to save after the next record */
};

/* How many lines a lane has seen that AWStats has not heard of. */
struct lane_lines {
    UV parsed, counted, old, dropped;
};

/* Counts the records of its share of the hosts, with tables and counters of its own.  One thread at a time uses a lane:
 * a thread that must not call perl (values_set_alone()), or perl's thread. */
struct lane {
    const struct rules *rules;
    const struct loop_now *now;
    struct counters counters;
    struct tables tables;
    struct values *values;
    struct extra_section *section;
    unsigned sections;
    struct extra_row **row; /* of each section, for the current record */
    struct ahead ahead;
    SV *agent; /* $UserAgent of AWStats */
    struct counter_key period_key;
    UV last_line;    /* time of the newest record */
    uint64_t record; /* number of the current record in the log */
    struct lane_lines lines;
    size_t since_check; /* bytes of records since memory was checked */
    uint64_t native;    /* records that were counted or dropped here */
};

/* The hour of the last record. */
struct last_hour {
    char text[13]; /* "YYYY-MM-DD", TAB, "hh" */
    UV period;     /* that AWStats counted */
    bool is_later; /* the hour is in a later one */
};

struct update_loop {
    struct variables variables;
    struct counter_variables of_counters;
    struct exchange *exchange;               /* of the tables with AWStats' hashes */
    struct pattern_list *searched[SEARCHED]; /* narrowed while awstats.pl counts a record */
    struct loop_variables awstats;
    struct saves saves;
    struct rules rules;
    struct loop_now now;
    UV last_line; /* time of the newest record of all lanes, as of loop_leave() */
    struct lane *lane;
    unsigned lanes, started; /* STARTED: how many of them got a thread */
    struct lane *current;    /* the one whose record AWStats gets */
    struct threads *threads; /* one for each lane; NULL: perl's thread counts */
    bool is_joined;      /* the first lane has what all lanes have counted, until AWStats saves */
    unsigned host_lane;  /* the one of the record's host, even if the first one counts for all */
    bool is_odd;         /* the first one must count the record, or the records behind it */
    bool was_ahead;      /* AWStats got a line that lies before others that were read */
    struct lane *asking; /* its thread waits until AWStats has counted a record; NULL: none does */
    uint64_t records;    /* that were given to lanes */
    struct last_hour last_hour;
    char last_time[19]; /* of the last record: "YYYY-MM-DD", TAB, "hh:mm:ss" */
    uint64_t seen[LOOP_REASONS];
};

enum action { DROP, PASS_OLD, COUNT };

/* What becomes of a counted record: one for each value of AWStats' $countedtraffic, 0 to 6. */
enum outcome { VIEWED, FAVICON, WORM, ERROR, ROBOT, ROBOTS_TXT, PARTIAL };

/* What a page view does to its host's visit. */
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

/* All that count.c must know of a record. */
struct decision {
    const struct record *record;
    UV time; /* YYYYMMDDhhmmss */
    UV bytes;
    enum action action;
    enum figure left_out; /* with DROP: why */
    enum outcome outcome;
    bool partial; /* a partial download, whoever requested it */
    enum visit visit;
    enum origin origin;
    struct moment *moment;
    struct status *status;
    struct vhost *vhost;
    struct url *url;
    struct host *host;
    struct host *user; /* with HOST_ lists: the last column as a host */
    struct agent *agent;
    struct referer *referer;
    struct counted_name *edge, *size;
    struct counted_name
        *session; /* the range of the length of the visit that ends; NULL: none does */
    struct counted_name *robot;      /* with ROBOT and ROBOTS_TXT */
    struct counted_name *favourites; /* with FAVICON */
};

/* Whether AWStats counts records with a method; IS_WEB: LogType=W, else S.  AWStats counts a few more
 * spellings, which decide_record() delegates. */
bool decide_method_counts(bool is_web, const struct field *method);

/* Decides.  LOOP_NATIVE: the record can be counted or dropped; else nothing was changed.  In a thread that must not call
 * perl, the reason may be LOOP_ASKS: perl's thread must decide. */
enum loop_reason decide_record(pTHX_ struct lane *lane, struct decision *d);
enum loop_reason visits_decide(pTHX_ struct lane *lane, struct decision *d);
enum loop_reason extra_sections_decide(pTHX_ struct lane *lane, struct decision *d);

/* Count what was decided. */
void count_record(struct lane *lane, const struct decision *d);
void visits_count(struct lane *lane, const struct decision *d, struct row *host, struct row *page);
void extra_sections_count(struct lane *lane, const struct decision *d);

/* Loads what later records will need: loop_look_ahead() for a lane. */
void ahead_load(struct lane *lane, const struct record *record, size_t records);

/* The interpreter, among arguments, in a thread that must not use it. */
#ifdef PERL_IMPLICIT_CONTEXT
#define WITHOUT_PERL NULL,
#else
#define WITHOUT_PERL
#endif

/* ---- lanes (lane.c) ---- */

/* Makes a lane from the settings of loop_new(); RULES and NOW must outlive the lane. */
void lane_init(pTHX_ struct lane *lane, const struct variables *variables, HV *settings);
void lane_free(pTHX_ struct lane *lane);

/* Counts or drops a record, and stores in ITEM what became of it.  Else returns why not, as decide_record() does. */
enum loop_reason lane_count(pTHX_ struct lane *lane, const struct record *record,
                            struct tally_item *item);

/* Call with the size of each record, in bytes.  Forgets the classes of hosts when they take too much memory.  Returns
 * whether the caller is to check the memory of the others and of the counters, which is true once in many records. */
bool lane_is_check_due(struct lane *lane, size_t bytes);

/* Whether the classes of values take too much memory.  MEMORY: how much all counters may take, in bytes. */
bool lane_must_forget_values(const struct lane *lane, size_t memory);

/* Gives all numbers of counters to AWStats, and forgets all classes of values. */
void lane_forget_values(pTHX_ struct lane *lane, const struct counter_variables *to,
                        enum given_times times);

/* Takes the times out of AWStats' hashes that AWStats has set; as long as lanes count, the hashes have no times.  TIMES:
 * as in counters_give(). */
void lane_take_times(pTHX_ struct lane *lane, const struct counter_variables *from,
                     enum given_times times);

/* Finds as much of what a later record of the lane will need as is possible without AWStats. */
void decide_learn(pTHX_ struct lane *lane, const struct record *record);

/* ---- all lanes (lanes.c) ---- */

/* Takes the times that AWStats has set when it counted a record of the current lane. */
void lanes_take_times(pTHX_ struct update_loop *loop);

/* Forgets the classes of values of the current lane. */
void lanes_forget_values(pTHX_ struct update_loop *loop);

/* Lets the thread that has asked for AWStats go on, if there is one. */
void lanes_answer(struct update_loop *loop);

/* Makes the first lane the current one: waits until no thread uses its lane, gives the numbers of all lanes to AWStats, and
 * adds their tables to those of the first, which counts alone until AWStats has saved.  Threads that ask still do. */
void lanes_join(pTHX_ struct update_loop *loop);

/* Gives all tables back to AWStats. */
void lanes_give_back(pTHX_ struct update_loop *loop);

/* Empties all tables, and makes the lane of AWStats' record the current one: AWStats saves before or after it counts the
 * record. */
void lanes_clear(struct update_loop *loop);

/* Returns which times AWStats keeps: the numbers of several lanes are not given in the order of their records, but these
 * are sorted. */
static inline enum given_times lanes_times(const struct update_loop *loop)
{
    return loop->threads && !loop->is_joined ? GIVEN_TIMES_ARE_SORTED : GIVEN_TIMES_REPLACE;
}

/* ---- saves (saves.c) ---- */

/* Takes the settings "memory", "limit", "since_flush", "flush_limit" and "exceeded". */
void saves_init(pTHX_ struct saves *saves, HV *settings);
void saves_free(pTHX_ struct saves *saves);

/* Call when awstats.pl was at work, before it is again, and when it has saved.  MAY_SAVE: whether all records before the
 * one that awstats.pl gets are counted. */
void saves_enter(pTHX_ struct saves *saves);
void saves_leave(pTHX_ struct saves *saves, bool may_save);
void saves_done(struct saves *saves);

/* Whether AWStats saves because it was told to; call before saves_done(). */
bool saves_are_between(pTHX_ const struct saves *saves);

/* Find out whether it is time to save: by the memory, which takes a moment; with each approved
 * record, by the limit. */
void saves_check_memory(pTHX_ struct update_loop *loop);
void saves_count(struct update_loop *loop);

/* ---- extra sections (extra_sections.c) ---- */

/* Makes the extra sections of a lane from their settings, and its tables.  Sets QUERIES_MATTER if a section needs
 * queries. */
void extra_sections_init(pTHX_ struct lane *lane, AV *settings, uint64_t seed,
                         bool *queries_matter);
void extra_sections_free(struct lane *lane);

/* Forgets the rows that were decided: call this when the values are cleared. */
void extra_sections_forget(struct lane *lane);

/* ---- rows ---- */

/* Returns the row of a key in one of the tables, whose place is remembered. */
static inline struct row *row_of(struct lane *lane, struct rows *rows, struct row_place *place,
                                 const char *key, size_t size)
{
    struct row *row = tables_row(&lane->tables, rows, place, key, size);
    if (!row)
        values_no_memory(lane->values);
    return row;
}

/* Returns the row of a key that is a string. */
static inline struct row *row_of_sv(struct lane *lane, struct rows *rows, struct row_place *place,
                                    const SV *key)
{
    return row_of(lane, rows, place, SvPVX_const(key), SvCUR(key));
}

/* Return the rows of a record's host and page. */
static inline struct row *row_of_host(struct lane *lane, const struct decision *d)
{
    const struct entry *entry = &d->host->class.entry;
    return row_of(lane, &lane->tables.of[TABLE_HOSTS], &d->host->row, entry->key, entry->size);
}
static inline struct row *row_of_page(struct lane *lane, const struct decision *d)
{
    const struct field key = url_text(d->url, d->url->page_key);
    return row_of(lane, &lane->tables.of[TABLE_PAGES], &d->url->page, key.text, key.size);
}

static inline bool is_page(const struct decision *d)
{
    return d->url->is & URL_PAGE;
}

#endif
