/* The log as AWStats gets it.  A reader takes lines from a feed and sends each record where it
 * belongs: to the native loop, to a file, nowhere, or to awstats.pl.  Whatever Perl has to decide or
 * do in between is an event, which reader_next() returns before the record in question goes
 * anywhere. */
#ifndef PLUGIN_READER_READER_H
#define PLUGIN_READER_READER_H

#include "feed/feed.h"
#include "loop/delegated.h"
#include "loop/loop.h"

enum reader_event {
    READER_END,          /* there are no more lines; the feed knows whether the stream is good */
    READER_LINE,         /* this line is for awstats.pl */
    READER_FIRST_RECORD, /* this record is the first one of the stream */
    READER_PERIOD,       /* this record of a batch is of another period than the one before */
    READER_EVENTS
};

struct reader;

/* Makes a reader of FEED.  OBJECT is the Perl object that owns the feed; the reader keeps it alive.
 * Croaks when memory has run out. */
struct reader *reader_new(pTHX_ struct feed *feed, SV *object);
void reader_free(pTHX_ struct reader *reader);

/* Lets LOOP, which the Perl object OBJECT owns, count records from here on. */
void reader_count_with(pTHX_ struct reader *reader, struct update_loop *loop, SV *object);

/* Lets DELEGATED, which the Perl object OBJECT owns, see from here on which records awstats.pl gets, and
 * when it is done with them. */
void reader_watch(pTHX_ struct reader *reader, struct delegated *delegated, SV *object);

/* Sends records to FILE, a Perl file handle, from here on; NULL: to the loop and to awstats.pl again.
 *  Writing to a file that Perl has closed does nothing; that a write failed shows
 * when Perl closes the file. */
void reader_divert(pTHX_ struct reader *reader, SV *file);

/* Drops records from here on. */
void reader_discard(pTHX_ struct reader *reader);

/* Goes on to the next event.  LINE and SIZE are those of the event's line, LF and all, valid until the
 * next call.  To be called where temporary values may be freed.  AWStats' variables are up to
 * date after READER_END and READER_LINE only. */
enum reader_event reader_next(pTHX_ struct reader *reader, const char **line, size_t *size);

/* Returns the event's name for Perl. */
const char *reader_event_name(enum reader_event event);

#endif
