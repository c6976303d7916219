/* Finds out what awstats.pl did with a delegated record: the record is noted when awstats.pl gets
 * it, and settled when awstats.pl asks for the next line or is about to save.  A record that was
 * counted is then passed to counted_tell(), as a natively counted one is.
 *
 * It works without an update loop too: with native=off, all records are delegated.  Records that
 * counted_wants() does not want are not noted. */
#ifndef PLUGIN_LOOP_DELEGATED_H
#define PLUGIN_LOOP_DELEGATED_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"

#include <stdbool.h>
#include <stddef.h>

#include "feed/record.h"

struct delegated;

/* PARTIAL_ONCE: the bytes of a partial download are counted once.  CHANGE_TIME: AWStats' hook
 * ChangeTime_timezone; NULL: no plugin changes times.  Croaks with "AWStats has no %DayBytes" if
 * AWStats lacks a variable. */
struct delegated *delegated_new(pTHX_ bool partial_once, SV *change_time);
void delegated_free(pTHX_ struct delegated *delegated);

/* Notes a line, LF and all, that awstats.pl gets next.  RECORD: the line split; NULL: record_split()
 * does not accept it.  The line must stay until it is settled. */
void delegated_begin(pTHX_ struct delegated *delegated, const char *line, size_t size,
                     const struct record *record);

/* Settles the noted record, if there is one: awstats.pl is done with it. */
void delegated_settle(pTHX_ struct delegated *delegated);

/* Call around Read_History_With_TmpUpdate, which saves and then empties AWStats' counters:
 * awstats.pl calls it before it counts a record or after, but not in between. */
void delegated_before_save(pTHX_ struct delegated *delegated);
void delegated_after_save(pTHX_ struct delegated *delegated);

#endif
