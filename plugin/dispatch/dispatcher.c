#include "dispatch/dispatcher.h"

#include "memory/heap.h"

enum { LINES_BETWEEN_SIGNALS = 1024, SIGNALS_MS = 1000 /* how long a signal may wait */ };

/* Flags: what the dispatcher must still do with the current line. */
enum due {
    DUE_FIRST_RECORD = 1 << 0,
    DUE_PERIOD = 1 << 1,
    DUE_ROUTE = 1 << 2,
    DUE_COUNT = 1 << 3, /* the threads of the loop had no room */
};

enum route { TO_AWSTATS, TO_FILE, TO_NOWHERE };

struct dispatcher {
    struct feed *feed;
    struct update_loop *loop;    /* NULL while there is none */
    struct delegated *delegated; /* NULL: nothing watches awstats.pl */
    struct tally *tally;         /* NULL: nobody counts the outcomes of the records */
    SV *feed_object, *loop_object, *delegated_object, *tally_object;
    enum route route; /* of the records of a batch */
    SV *file;         /* with TO_FILE */
    bool in_loop;     /* between loop_enter() and loop_leave() */
    unsigned due;     /* DUE_... */
    unsigned lines;   /* since Perl handled signals */
    const char *line;
    size_t size;
    uint64_t offset; /* where the line begins in the stream */
    SV *posted; /* the line that awstats.pl gets in place of a line with PATCH; NULL before that */
};

struct dispatcher *dispatcher_new(pTHX_ struct feed *feed, SV *object)
{
    struct dispatcher *dispatcher;
    Newxz(dispatcher, 1, struct dispatcher);
    dispatcher->feed = feed;
    dispatcher->feed_object = SvREFCNT_inc(object);
    return dispatcher;
}

void dispatcher_free(pTHX_ struct dispatcher *dispatcher)
{
    SvREFCNT_dec(dispatcher->feed_object);
    SvREFCNT_dec(dispatcher->loop_object);
    SvREFCNT_dec(dispatcher->delegated_object);
    SvREFCNT_dec(dispatcher->tally_object);
    SvREFCNT_dec(dispatcher->file);
    SvREFCNT_dec(dispatcher->posted);
    Safefree(dispatcher);
}

void dispatcher_count_with(pTHX_ struct dispatcher *dispatcher, struct update_loop *loop,
                           SV *object)
{
    SvREFCNT_dec(dispatcher->loop_object);
    dispatcher->loop = loop;
    dispatcher->loop_object = SvREFCNT_inc(object);
    dispatcher->in_loop = false;
}

void dispatcher_watch(pTHX_ struct dispatcher *dispatcher, struct delegated *delegated, SV *object)
{
    SvREFCNT_dec(dispatcher->delegated_object);
    dispatcher->delegated = delegated;
    dispatcher->delegated_object = SvREFCNT_inc(object);
}

void dispatcher_tell(pTHX_ struct dispatcher *dispatcher, struct tally *tally, SV *object)
{
    SvREFCNT_dec(dispatcher->tally_object);
    dispatcher->tally = tally;
    dispatcher->tally_object = SvREFCNT_inc(object);
}

static void set_route(pTHX_ struct dispatcher *dispatcher, enum route route, SV *file)
{
    SvREFCNT_dec(dispatcher->file);
    dispatcher->route = route;
    dispatcher->file = SvREFCNT_inc(file);
}

void dispatcher_divert(pTHX_ struct dispatcher *dispatcher, SV *file)
{
    set_route(aTHX_ dispatcher, file ? TO_FILE : TO_AWSTATS, file);
}

void dispatcher_discard(pTHX_ struct dispatcher *dispatcher)
{
    set_route(aTHX_ dispatcher, TO_NOWHERE, NULL);
}

static void enter_loop(pTHX_ struct dispatcher *dispatcher)
{
    if (dispatcher->loop && !dispatcher->in_loop)
        loop_enter(aTHX_ dispatcher->loop);
    dispatcher->in_loop = dispatcher->loop != NULL;
}

static void leave_loop(pTHX_ struct dispatcher *dispatcher, uint64_t offset)
{
    if (dispatcher->in_loop)
        loop_leave(aTHX_ dispatcher->loop, offset);
    dispatcher->in_loop = false;
}

/* Frees memory that only records needed, since AWStats saves next, and needs memory for that. */
static void end_log(pTHX_ struct dispatcher *dispatcher)
{
    if (dispatcher->loop)
        loop_forget_values(aTHX_ dispatcher->loop);
    heap_shrink();
}

/* Takes the next line from the feed, and sets its flags.  Returns false when there is none. */
static bool take_line(pTHX_ struct dispatcher *dispatcher)
{
    struct feed *feed = dispatcher->feed;
    const enum feed_kind kind = feed_kind(feed);
    enum feed_result result;

    dispatcher->offset = feed_offset(feed);
    while ((result = feed_line(feed, &dispatcher->line, &dispatcher->size)) == FEED_INTERRUPTED)
        PERL_ASYNC_CHECK();
    if (result != FEED_LINE)
        return false;
    FREETMPS;
    if (++dispatcher->lines % LINES_BETWEEN_SIGNALS == 0)
        PERL_ASYNC_CHECK();
    dispatcher->due = DUE_ROUTE;
    if (feed_kind(feed) != kind)
        dispatcher->due |= DUE_FIRST_RECORD;
    if (feed_new_period(feed))
        dispatcher->due |= DUE_PERIOD;
    return true;
}

static void tell(struct dispatcher *dispatcher, const struct tally_item *item)
{
    if (dispatcher->tally)
        tally_tell(dispatcher->tally, item);
}

/* Waits a moment for the threads of the loop, unless all lines are counted: then returns false. */
static bool wait_for_threads(pTHX_ struct dispatcher *dispatcher)
{
    if (!dispatcher->loop)
        return false;
    if (loop_is_busy(dispatcher->loop)) {
        loop_wait(dispatcher->loop, SIGNALS_MS);
        PERL_ASYNC_CHECK();
        return true;
    }
    if (dispatcher->tally)
        loop_tell(dispatcher->loop, dispatcher->tally);
    return false;
}

/* Lets the loop count the current line.  Returns false when awstats.pl must get the line. */
static bool count_line(pTHX_ struct dispatcher *dispatcher)
{
    struct tally_item item;
    if (!dispatcher->loop)
        return false;
    const enum loop_turn turn =
        loop_put(aTHX_ dispatcher->loop, dispatcher->line, dispatcher->size);
    if (turn == LOOP_MUST_WAIT) {
        dispatcher->due |= DUE_COUNT;
        loop_wait(dispatcher->loop, SIGNALS_MS);
        PERL_ASYNC_CHECK();
    }
    if (turn != LOOP_COUNTS_NOW)
        return true;
    size_t count;
    const struct record *next = feed_next_records(dispatcher->feed, &count);
    loop_look_ahead(dispatcher->loop, next, count);
    if (loop_count(aTHX_ dispatcher->loop, feed_record(dispatcher->feed), &item) != LOOP_NATIVE)
        return false;
    tell(dispatcher, &item);
    return true;
}

/* Sends the current line to the loop or a file, or drops it.  Returns false when awstats.pl must get the
 * line. */
static bool route_line(pTHX_ struct dispatcher *dispatcher)
{
    if (dispatcher->line[0] == '#')
        return false;
    if (dispatcher->tally)
        tally_see(dispatcher->tally, dispatcher->line, dispatcher->size);
    if (dispatcher->route == TO_AWSTATS)
        return count_line(aTHX_ dispatcher);
    if (dispatcher->route == TO_NOWHERE)
        tell(dispatcher, &(struct tally_item){.figure = FIGURE_EARLIER});
    IO *io = dispatcher->route == TO_FILE ? sv_2io(dispatcher->file) : NULL;
    if (io && IoOFP(io))
        PerlIO_write(IoOFP(io), dispatcher->line, dispatcher->size);
    return true;
}

/* Replaces the method PATCH, which awstats.pl does not know, by POST.  AWStats has no figures of methods, so
 * nothing else changes. */
static void replace_patch(pTHX_ struct dispatcher *dispatcher, const char **line, size_t *size)
{
    struct field method;
    if (!column_get(*line, *size, COLUMN_METHOD, &method) || !record_field_is(&method, "PATCH"))
        return;
    if (!dispatcher->posted)
        dispatcher->posted = newSV(*size);
    sv_setpvn(dispatcher->posted, *line, (STRLEN)(method.text - *line));
    sv_catpvs(dispatcher->posted, "POST");
    const char *rest = method.text + method.size;
    sv_catpvn(dispatcher->posted, rest, (STRLEN)(*line + *size - rest));
    *line = SvPV_const(dispatcher->posted, *size);
}

/* Returns whether a flag is set, and clears it. */
static bool is_due(struct dispatcher *dispatcher, enum due what)
{
    const bool is = dispatcher->due & what;
    dispatcher->due &= ~(unsigned)what;
    return is;
}

/* Whether all lines before the current one must be counted first: all but records that the loop may count. */
static bool has_order(const struct dispatcher *dispatcher)
{
    return (dispatcher->due & (DUE_FIRST_RECORD | DUE_PERIOD)) || dispatcher->line[0] == '#' ||
           dispatcher->route != TO_AWSTATS;
}

/* Prepares for the line that awstats.pl gets next. */
static enum dispatch_event give_line(pTHX_ struct dispatcher *dispatcher, const char **line,
                                     size_t *size)
{
    leave_loop(aTHX_ dispatcher, dispatcher->offset);
    if (**line == '#')
        return DISPATCH_LINE;
    if (dispatcher->delegated)
        delegated_begin(aTHX_ dispatcher->delegated, *line, *size);
    replace_patch(aTHX_ dispatcher, line, size);
    return DISPATCH_LINE;
}

enum dispatch_event dispatcher_next(pTHX_ struct dispatcher *dispatcher, const char **line,
                                    size_t *size)
{
    if (dispatcher->delegated) {
        struct tally_item item;
        delegated_settle(aTHX_ dispatcher->delegated, &item);
        tell(dispatcher, &item);
    }
    enter_loop(aTHX_ dispatcher);
    for (;;) {
        if (dispatcher->loop && loop_asked(aTHX_ dispatcher->loop, line, size))
            return give_line(aTHX_ dispatcher, line, size);
        if (!dispatcher->due && !take_line(aTHX_ dispatcher)) {
            if (wait_for_threads(aTHX_ dispatcher))
                continue;
            leave_loop(aTHX_ dispatcher, feed_offset(dispatcher->feed));
            end_log(aTHX_ dispatcher);
            *size = 0;
            return DISPATCH_END;
        }
        if (has_order(dispatcher) && wait_for_threads(aTHX_ dispatcher))
            continue;
        *line = dispatcher->line;
        *size = dispatcher->size;
        if (is_due(dispatcher, DUE_FIRST_RECORD))
            return DISPATCH_FIRST_RECORD;
        if (is_due(dispatcher, DUE_PERIOD))
            return DISPATCH_PERIOD;
        if (is_due(dispatcher, DUE_ROUTE) && route_line(aTHX_ dispatcher))
            continue;
        if (is_due(dispatcher, DUE_COUNT) && count_line(aTHX_ dispatcher))
            continue;
        return give_line(aTHX_ dispatcher, line, size);
    }
}

const char *dispatcher_event_name(enum dispatch_event event)
{
    static const char *const name[DISPATCH_EVENTS] = {
        [DISPATCH_END] = "end",
        [DISPATCH_LINE] = "line",
        [DISPATCH_FIRST_RECORD] = "first_record",
        [DISPATCH_PERIOD] = "period",
    };
    return name[event];
}
