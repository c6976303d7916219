/* AWStats' update loop, natively: counts a record in AWStats' own variables exactly as awstats.pl
 * does (the loop over records of versions that AWStats::CloudFront::KnownVersions knows), or leaves
 * it to awstats.pl.
 *
 * Which of both is decided before anything is counted, so that nothing has to be taken back, and
 * whatever is not certain is awstats.pl's. */
#ifndef PLUGIN_LOOP_LOOP_H
#define PLUGIN_LOOP_LOOP_H

#include "awstats/counters.h"

#include <stdint.h>

/* Why a record is left to awstats.pl. */
enum loop_reason {
    LOOP_NATIVE, /* it is not: it was counted, or dropped */
    LOOP_ODD_RECORD,
    LOOP_ODD_URL,
    LOOP_ODD_HOST,
    LOOP_ODD_QUERY,
    LOOP_ODD_REFERER,
    LOOP_ODD_STATUS,
    LOOP_ODD_VISIT,
    LOOP_METHOD,
    LOOP_TIME,
    LOOP_FIRST,
    LOOP_BREAK,
    LOOP_FLUSH,
    LOOP_AGENT,
    LOOP_REFERER,
    LOOP_SECTION_FULL,
    LOOP_REASONS
};

struct update_loop;

/* SETTING: see AWStats::CloudFront::Native.  Croaks when it is not as told there. */
struct update_loop *loop_new(pTHX_ HV *setting);
void loop_free(pTHX_ struct update_loop *loop);

/* To be called when AWStats has saved, and with that emptied, its counters. */
void loop_forget(struct update_loop *loop);

/* To be called when awstats.pl was at work, and before it is again; OFFSET: where in the stream the
 * line begins that it is to have. */
void loop_enter(pTHX_ struct update_loop *loop);
void loop_leave(pTHX_ struct update_loop *loop, uint64_t offset);

/* Counts a line that is not a header.  Between loop_enter() and loop_leave(). */
enum loop_reason loop_count(pTHX_ struct update_loop *loop, const char *line, size_t size);

/* How many lines there were for a reason, and the reason in words. */
uint64_t loop_lines(const struct update_loop *loop, enum loop_reason reason);
const char *loop_words(enum loop_reason reason);

#endif
