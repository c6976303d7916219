/* AWStats' update loop in C: counts a record in AWStats' own variables exactly as awstats.pl does,
 * or delegates it: awstats.pl counts it.
 *
 * decide.c first decides who counts a record; only then does count.c change a counter, so nothing
 * is ever rolled back.  Whatever is not certain is delegated.  DESIGN describes the whole. */
#ifndef PLUGIN_LOOP_LOOP_H
#define PLUGIN_LOOP_LOOP_H

#include "awstats/counters.h"
#include "normalized/record.h"
#include "loop/tally.h"

#include <stdint.h>

/* Why a record is delegated. */
enum loop_reason {
    LOOP_NATIVE,         /* it is not: it was counted or dropped here */
    LOOP_ASKS,           /* perl's thread must decide; only in another thread */
    DELEGATE_MALFORMED,  /* record_split() does not accept it */
    DELEGATE_URL,        /* its URL is unsupported */
    DELEGATE_HOST,       /* its client is not an IP address */
    DELEGATE_QUERY,      /* its query names the client, or an extra section needs a path's query */
    DELEGATE_REFERER,    /* its referrer is unsupported */
    DELEGATE_STATUS,     /* its status code is unsupported */
    DELEGATE_VISIT,      /* its host's visit has a malformed time */
    DELEGATE_METHOD,     /* AWStats drops its method */
    DELEGATE_TIME,       /* AWStats takes its time for corrupted */
    DELEGATE_FIRST,      /* it is the first new record */
    DELEGATE_PERIOD,     /* it is the first of a period: AWStats saves the one before */
    DELEGATE_SAVE,       /* it is time to save, and AWStats does so after a record */
    DELEGATE_NEW_AGENT,  /* AWStats must classify its user agent */
    DELEGATE_NEW_SERVER, /* AWStats must classify its referring server */
    DELEGATE_FULL_SECTION, /* it would add a row to a full extra section */
    DELEGATE_SIZE,         /* its size is so large that sums might overflow */
    DELEGATE_GIVEN_BACK,   /* AWStats' hashes have all counters, until it has saved */
    LOOP_REASONS
};

struct update_loop;

/* Returns how many threads count best: 1, which is perl's, for a log of few RECORDS, and on few processors. */
unsigned loop_threads_for(uint64_t records, unsigned processors);

/* Returns the loop; SETTINGS are those of AWStats::CloudFront::Native.  Croaks if one is malformed,
 * or with "AWStats has no %_host_h" if AWStats lacks a variable. */
struct update_loop *loop_new(pTHX_ HV *settings);
void loop_free(pTHX_ struct update_loop *loop);

/* Frees what is known of the values of records: call this when the log has no more of them, before AWStats saves. */
void loop_forget_values(pTHX_ struct update_loop *loop);

/* Whether AWStats is about to save in the middle of a period. */
bool loop_saves_between(pTHX_ const struct update_loop *loop);

/* Call before AWStats saves, and after it has saved, and thereby emptied, its counters.
 * GIVES_BACK: it saves all of them itself. */
void loop_before_save(pTHX_ struct update_loop *loop, bool gives_back);
void loop_after_save(struct update_loop *loop);

/* Returns the number of an extra section that has more rows than it may, from 1 on; 0: none has.  Call after
 * loop_before_save(). */
unsigned loop_full_section(const struct update_loop *loop);

/* Call after awstats.pl was at work, and before it is again.  OFFSET: where in the stream the line
 * begins that awstats.pl gets next, in bytes. */
void loop_enter(pTHX_ struct update_loop *loop);
void loop_leave(pTHX_ struct update_loop *loop, uint64_t offset);

/* What becomes of a line. */
enum loop_turn {
    LOOP_COUNTS_NOW,   /* loop_count() must be called with its record */
    LOOP_COUNTS_LATER, /* a thread will count it, or ask for it */
    LOOP_MUST_WAIT     /* nothing yet: call again, after loop_asked() and loop_wait() */
};

/* Gives the loop a line that may be a record.  Call between loop_enter() and loop_leave(). */
enum loop_turn loop_put(pTHX_ struct update_loop *loop, const char *line, size_t size);

/* Counts what threads ask for.  Returns true if AWStats must get a line, LF and all, which stays until the next
 * loop_enter().  Call between loop_enter() and loop_leave(). */
bool loop_asked(pTHX_ struct update_loop *loop, const char **line, size_t *size);

/* Whether lines were not counted yet. */
bool loop_is_busy(struct update_loop *loop);

/* Waits until a thread asks, or has counted lines; at most WAIT_MS milliseconds.  Only while the loop is busy, or must
 * wait. */
void loop_wait(struct update_loop *loop, int wait_ms);

/* Tells a tally what became of the records that threads have counted.  Only while the loop is not busy. */
void loop_tell(struct update_loop *loop, struct tally *tally);

/* Counts a record; NULL: one that record_split() does not accept.  With LOOP_NATIVE, ITEM gets
 * what became of it.  Call after loop_put(), between loop_enter() and loop_leave(). */
enum loop_reason loop_count(pTHX_ struct update_loop *loop, const struct record *record,
                            struct tally_item *item);

/* Loads what the records that come after the next ones will need, RECORDS of them from RECORD on, into the
 * processor's caches.  The tables of a site with many hosts and pages are far larger than these caches, and a read of
 * memory beyond them takes as long as some hundred instructions; those of different records can overlap. */
void loop_look_ahead(struct update_loop *loop, const struct record *record, size_t records);

/* Returns the range that a visit's length is in, as GetSessionRange of awstats.pl does; valid until the next record. */
SV *loop_visit_range(pTHX_ struct update_loop *loop, SV *start, SV *end);

/* Returns how many threads count, or have counted; 1: only perl's. */
unsigned loop_threads(const struct update_loop *loop);

/* Return the number of lines that there were for a reason, and the reason in words. */
uint64_t loop_lines(const struct update_loop *loop, enum loop_reason reason);
const char *loop_words(enum loop_reason reason);

#endif
