#include "reader/reader.h"

enum { LINES_BETWEEN_SIGNALS = 1024 };

/* What is still to be done about the line at hand. */
enum due {
    DUE_FIRST_RECORD = 1 << 0,
    DUE_PERIOD = 1 << 1,
    DUE_ROUTE = 1 << 2,
};

enum route { TO_AWSTATS, TO_FILE, TO_NOWHERE };

struct reader {
    struct feed *feed;
    struct update_loop *loop;    /* NULL while there is none */
    struct delegated *delegated; /* NULL: nobody wants to know what awstats.pl does */
    SV *feed_object, *loop_object, *delegated_object;
    enum route route; /* of the records of a batch */
    SV *file;         /* with TO_FILE */
    bool in_loop;     /* between loop_enter() and loop_leave() */
    unsigned due;     /* DUE_... */
    unsigned lines;   /* since signals were looked after */
    const char *line;
    size_t size;
    uint64_t offset; /* where the line begins in the stream */
};

struct reader *reader_new(pTHX_ struct feed *feed, SV *object)
{
    struct reader *reader;
    Newxz(reader, 1, struct reader);
    reader->feed = feed;
    reader->feed_object = SvREFCNT_inc(object);
    return reader;
}

void reader_free(pTHX_ struct reader *reader)
{
    SvREFCNT_dec(reader->feed_object);
    SvREFCNT_dec(reader->loop_object);
    SvREFCNT_dec(reader->delegated_object);
    SvREFCNT_dec(reader->file);
    Safefree(reader);
}

void reader_count_with(pTHX_ struct reader *reader, struct update_loop *loop, SV *object)
{
    SvREFCNT_dec(reader->loop_object);
    reader->loop = loop;
    reader->loop_object = SvREFCNT_inc(object);
    reader->in_loop = false;
}

void reader_watch(pTHX_ struct reader *reader, struct delegated *delegated, SV *object)
{
    SvREFCNT_dec(reader->delegated_object);
    reader->delegated = delegated;
    reader->delegated_object = SvREFCNT_inc(object);
}

static void set_route(pTHX_ struct reader *reader, enum route route, SV *file)
{
    SvREFCNT_dec(reader->file);
    reader->route = route;
    reader->file = SvREFCNT_inc(file);
}

void reader_divert(pTHX_ struct reader *reader, SV *file)
{
    set_route(aTHX_ reader, file ? TO_FILE : TO_AWSTATS, file);
}

void reader_discard(pTHX_ struct reader *reader)
{
    set_route(aTHX_ reader, TO_NOWHERE, NULL);
}

static void enter_loop(pTHX_ struct reader *reader)
{
    if (reader->loop && !reader->in_loop)
        loop_enter(aTHX_ reader->loop);
    reader->in_loop = reader->loop != NULL;
}

static void leave_loop(pTHX_ struct reader *reader, uint64_t offset)
{
    if (reader->in_loop)
        loop_leave(aTHX_ reader->loop, offset);
    reader->in_loop = false;
}

/* Takes the next line from the feed, and notes what is due about it.  False when there is none. */
static bool take_line(pTHX_ struct reader *reader)
{
    struct feed *feed = reader->feed;
    const enum feed_kind kind = feed_kind(feed);
    enum feed_result result;

    reader->offset = feed_offset(feed);
    while ((result = feed_line(feed, &reader->line, &reader->size)) == FEED_INTERRUPTED)
        PERL_ASYNC_CHECK();
    if (result != FEED_LINE)
        return false;
    FREETMPS;
    if (++reader->lines % LINES_BETWEEN_SIGNALS == 0)
        PERL_ASYNC_CHECK();
    reader->due = DUE_ROUTE;
    if (feed_kind(feed) != kind)
        reader->due |= DUE_FIRST_RECORD;
    if (feed_new_period(feed))
        reader->due |= DUE_PERIOD;
    return true;
}

/* Sends the line at hand where it belongs.  False when that is awstats.pl. */
static bool route_line(pTHX_ struct reader *reader)
{
    if (reader->line[0] == '#')
        return false;
    if (reader->route == TO_AWSTATS)
        return reader->loop &&
               loop_count(aTHX_ reader->loop, reader->line, reader->size) == LOOP_NATIVE;
    IO *io = reader->route == TO_FILE ? sv_2io(reader->file) : NULL;
    if (io && IoOFP(io))
        PerlIO_write(IoOFP(io), reader->line, reader->size);
    return true;
}

/* Whether something is due, which then is so no more. */
static bool is_due(struct reader *reader, enum due what)
{
    const bool is = reader->due & what;
    reader->due &= ~(unsigned)what;
    return is;
}

enum reader_event reader_next(pTHX_ struct reader *reader, const char **line, size_t *size)
{
    if (reader->delegated)
        delegated_settle(aTHX_ reader->delegated);
    enter_loop(aTHX_ reader);
    for (;;) {
        if (!reader->due && !take_line(aTHX_ reader)) {
            leave_loop(aTHX_ reader, feed_offset(reader->feed));
            *size = 0;
            return READER_END;
        }
        *line = reader->line;
        *size = reader->size;
        if (is_due(reader, DUE_FIRST_RECORD))
            return READER_FIRST_RECORD;
        if (is_due(reader, DUE_PERIOD))
            return READER_PERIOD;
        if (is_due(reader, DUE_ROUTE) && route_line(aTHX_ reader))
            continue;
        leave_loop(aTHX_ reader, reader->offset);
        if (reader->delegated && reader->line[0] != '#')
            delegated_begin(aTHX_ reader->delegated, reader->line, reader->size);
        return READER_LINE;
    }
}

const char *reader_event_name(enum reader_event event)
{
    static const char *const name[READER_EVENTS] = {
        [READER_END] = "end",
        [READER_LINE] = "line",
        [READER_FIRST_RECORD] = "first_record",
        [READER_PERIOD] = "period",
    };
    return name[event];
}
