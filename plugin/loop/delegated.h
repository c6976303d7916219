/* Finds out what awstats.pl did with a delegated record: the record is noted when awstats.pl gets
 * it, and settled when awstats.pl asks for the next line or is about to save.  A record that was
 * counted is then passed to counted_tell(), as a natively counted one is, if counted_wants() wants it.
 *
 * It works without an update loop too: with native=off, all records are delegated. */
#ifndef PLUGIN_LOOP_DELEGATED_H
#define PLUGIN_LOOP_DELEGATED_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"

#include <stdbool.h>
#include <stddef.h>

#include "normalized/record.h"
#include "loop/tally.h"

struct delegated;

/* SETTINGS:
 *
 *   partial_once  the bytes of a partial download are counted once
 *   change_time   AWStats' hook ChangeTime_timezone; missing: no plugin changes times
 *   host_counts   a function that tells whether AWStats counts the records of a host
 *   web           LogType is W, else S
 *   lists         a list of the configuration, SkipHosts for one, leaves out records
 *
 * Croaks with "AWStats has no %DayBytes" if AWStats lacks a variable. */
struct delegated *delegated_new(pTHX_ HV *settings);
void delegated_free(pTHX_ struct delegated *delegated);

/* Notes a line, LF and all, that awstats.pl gets next.  The line must stay until it is settled. */
void delegated_begin(pTHX_ struct delegated *delegated, const char *line, size_t size);

/* Settles the noted record, if there is one: awstats.pl is done with it.  ITEM gets what became of
 * it, with the figure FIGURES when awstats.pl did not look at it, or when there was none. */
void delegated_settle(pTHX_ struct delegated *delegated, struct tally_item *item);

/* Call around Read_History_With_TmpUpdate, which saves and then empties AWStats' counters:
 * awstats.pl calls it before it counts a record or after, but not in between. */
void delegated_before_save(pTHX_ struct delegated *delegated);
void delegated_after_save(pTHX_ struct delegated *delegated);

#endif
