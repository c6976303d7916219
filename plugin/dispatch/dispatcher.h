/* Distributes the records of the log.  A dispatcher takes lines from a feed, and sends each record
 * to the native loop, to a file or to awstats.pl, or drops it.  When Perl has to decide something,
 * dispatcher_next() returns an event before it sends the record. */
#ifndef PLUGIN_DISPATCH_DISPATCHER_H
#define PLUGIN_DISPATCH_DISPATCHER_H

#include "feed/feed.h"
#include "loop/delegated.h"
#include "loop/loop.h"

enum dispatch_event {
    DISPATCH_END,          /* there are no more lines; the feed knows whether the stream is good */
    DISPATCH_LINE,         /* this line is for awstats.pl */
    DISPATCH_FIRST_RECORD, /* this record is the first one of the stream */
    DISPATCH_PERIOD,       /* this record of a batch is of another period than the one before */
    DISPATCH_EVENTS
};

struct dispatcher;

/* Makes a dispatcher of FEED.  OBJECT is the Perl object that owns the feed; the dispatcher keeps
 * it alive.  Croaks when memory has run out. */
struct dispatcher *dispatcher_new(pTHX_ struct feed *feed, SV *object);
void dispatcher_free(pTHX_ struct dispatcher *dispatcher);

/* Lets LOOP, which the Perl object OBJECT owns, count records from here on. */
void dispatcher_count_with(pTHX_ struct dispatcher *dispatcher, struct update_loop *loop,
                           SV *object);

/* Lets DELEGATED, which the Perl object OBJECT owns, see from here on which records awstats.pl
 * gets, and when it is done with them. */
void dispatcher_watch(pTHX_ struct dispatcher *dispatcher, struct delegated *delegated, SV *object);

/* Lets TALLY, which the Perl object OBJECT owns, count from here on what becomes of the records. */
void dispatcher_tell(pTHX_ struct dispatcher *dispatcher, struct tally *tally, SV *object);

/* Sends records to FILE, a Perl file handle, from here on; NULL: to the loop and to awstats.pl
 * again.  Writes nothing once Perl has closed the file.  Perl sees a failed write when it closes
 * the file. */
void dispatcher_divert(pTHX_ struct dispatcher *dispatcher, SV *file);

/* Drops records from here on: the history has them. */
void dispatcher_discard(pTHX_ struct dispatcher *dispatcher);

/* Goes on to the next event.  LINE and SIZE are those of the event's line, with its LF, valid until
 * the next call.  Call this where Perl may free temporary values.  AWStats' variables are up to
 * date after DISPATCH_END and DISPATCH_LINE only. */
enum dispatch_event dispatcher_next(pTHX_ struct dispatcher *dispatcher, const char **line,
                                    size_t *size);

/* Returns the event's name for Perl. */
const char *dispatcher_event_name(enum dispatch_event event);

#endif
