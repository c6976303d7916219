/* Assembles views from the events of streaming connections.
 *
 * sc-bytes of an event is the running total of its connection (Amazon CloudFront Developer Guide,
 * "Streaming distribution log file format"): adding events up counts bytes several times.  Here,
 *
 * - a connection is an x-cf-client-id; a view is one stream (x-sname, x-file-ext) played within it:
 *   stopping, pausing, seeking and playing the same stream again go on with the view, playing
 *   another begins a new one;
 * - the bytes between two events are those of the view that was under way, before the first play
 *   those of the first view, after a stop those of the view that stopped; a total that is not above
 *   the highest seen adds nothing.  So the bytes of a connection's views add up to its highest
 *   total, exactly, in whatever order and in however many parts its events come;
 * - the seconds played are those between a play or unpause and what ends it; without a disconnect,
 *   the last event ends it; an unpause after a stop plays nothing;
 * - a view is written once it is over: by a disconnect, by another stream, or by 24 hours of log
 *   time without an event.  A connection that never played is written once, as a connect.
 *
 * What was written of a connection is remembered for seven days of log time without an event, so
 * that one that comes later adds only what was not counted yet. */
#ifndef STREAM_VIEWS_H
#define STREAM_VIEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/event.h"
#include "text/buffer.h"

enum {
    VIEWS_TIMEOUT = 24 * 3600,    /* seconds without an event that end a view */
    VIEWS_MEMORY = 7 * 24 * 3600, /* seconds for which a connection is remembered */
};

enum view_kind {
    VIEW_WHOLE,   /* a view */
    VIEW_CONNECT, /* a connection in which nothing was played */
    VIEW_MORE,    /* bytes and seconds of a view or connection that was written before */
};

struct view {
    enum view_kind kind;
    uint32_t time;    /* of its last event, seconds since 1970-01-01 UTC */
    uint32_t seconds; /* played */
    uint64_t bytes;
    uint32_t connection_hash;
    struct field text[EVENT_TEXT_COUNT]; /* of its first event; valid during the call */
};

/* Takes a view that is over.  Returns false when it cannot: nothing goes on then. */
typedef bool views_put(void *context, const struct view *view);

struct views;

/* NULL when memory has run out. */
struct views *views_new(views_put *put, void *context);
void views_free(struct views *views);

/* Adds an event.  Events come by time; those of one second, by event_connection_hash().  Within the
 * second, the order in which they come does not matter.  False when memory has run out or a view
 * could not be put. */
bool views_add(struct views *views, const struct event *event);

/* Handles what views_add() still holds back of the last second.  False as above. */
bool views_settle(struct views *views);

/* Writes all that is open, and forgets everything: the end of a log. */
bool views_close(struct views *views);

/* Writes what is not counted yet of all that is open, and keeps it open: for a reader that cannot
 * take a record that is a day old.  What comes later of these views is written as VIEW_MORE. */
bool views_write_open(struct views *views);

/* Saves all open and remembered connections as bytes, and takes them up again: into new views,
 * before any event.  views_load() is false when memory has run out or the bytes are not those of
 * views_save(); the views are of no use then.  Both after views_settle(). */
bool views_save(const struct views *views, struct buffer *buffer);
bool views_load(struct views *views, const void *data, size_t size);

struct views_counts {
    uint64_t connections; /* that are open */
    uint64_t remembered;  /* that are written, and still remembered */
    uint64_t falling;     /* events whose running total was below one before them */
};
struct views_counts views_count(const struct views *views);

#endif
